/** Why a link cannot be used, as the official server says it. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
}

const PARTS = /^(?:([^:/?#@[\]]*):\/\/)?(?:([^/?#]*)@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d*))?(.*)$/s;

/**
 * A link as the official server gives it back: with a scheme, host in lower case, and a path.
 * @throws LinkError
 */
export function checkLink(link: string, options: { readonly httpsOnly?: boolean } = {}): string {
  const app = /^(tg|ton):(?:\/\/)?/i.exec(link);
  if (app?.[1] !== undefined) {
    if (options.httpsOnly === true) throw new LinkError('Only HTTPS links are allowed');
    const rest = link.slice(app[0].length);
    if (rest === '') throw new LinkError('URL host is empty');
    return `${app[1].toLowerCase()}://${rest}`;
  }
  const [, scheme, userInfo, host, port, rest] = PARTS.exec(link.trim()) ?? [];
  const protocol = (scheme ?? 'http').toLowerCase();
  if (protocol !== 'http' && protocol !== 'https') throw new LinkError('Unsupported URL protocol');
  if (host === undefined || host === '') throw new LinkError('URL host is empty');
  if (port !== undefined && (port === '' || Number(port) < 1 || Number(port) > 65_535)) {
    throw new LinkError('Wrong port number specified in the URL');
  }
  if (options.httpsOnly === true && protocol !== 'https') throw new LinkError('Only HTTPS links are allowed');
  if (!host.includes('.') && !host.startsWith('[')) throw new LinkError('Wrong HTTP URL');
  if (/[\s<>"]/.test(host)) throw new LinkError('Wrong HTTP URL');
  const defaultPort = protocol === 'http' ? 80 : 443;
  const portPart = port === undefined || Number(port) === defaultPort ? '' : `:${Number(port)}`;
  const path = rest === undefined || rest === '' ? '/' : rest.startsWith('/') ? rest : `/${rest}`;
  const user = userInfo === undefined ? '' : `${userInfo}@`;
  return `${protocol}://${user}${host.toLowerCase()}${portPart}${path.replaceAll(' ', '%20')}`;
}

/** The user of `tg://user?id=N`, also in its older forms. */
export function userOfLink(link: string): number | undefined {
  const id = /^tg:(?:\/\/)?user\/?\?(?:.*&)?id=(\d+)/i.exec(link)?.[1];
  return id === undefined ? undefined : Number(id);
}
