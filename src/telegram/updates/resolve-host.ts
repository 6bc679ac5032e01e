import { lookup } from 'node:dns/promises';

/** The address of a host name, IPv4 if it has one. Rejects with the text that the C library has for it. */
export type ResolveHost = (host: string) => Promise<string>;

/** Why updates may not go to this IP address, or nothing. */
export type RefuseAddress = (address: string) => string | undefined;

const TEXTS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'Name or service not known',
  EAI_AGAIN: 'Temporary failure in name resolution',
  ENODATA: 'No address associated with hostname',
};

export const resolveHost: ResolveHost = async (host) => {
  try {
    const { address } = await lookup(host, { order: 'ipv4first' });
    return address;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new Error(TEXTS[code] ?? `Unknown error ${code}`, { cause: error });
  }
};
