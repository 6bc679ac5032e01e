import { dropOldest } from '../bounded.js';
/** What people see of the bot outside its messages, by language; '' for everybody else. */
export type ProfileText = 'name' | 'description' | 'short_description';

/** A menu button as `setChatMenuButton` takes it and `getChatMenuButton` gives it back. */
export type MenuButton =
  | { readonly type: 'default' }
  | { readonly type: 'commands' }
  | { readonly type: 'web_app'; readonly text: string; readonly web_app: { readonly url: string } };

/** Private chats with a button of their own that are kept; more replace the oldest. */
const KEPT_BUTTONS = 10_000;

/** Names, descriptions and menu buttons of one bot. Languages are two letters, so these maps stay small. */
export class ProfileBook {
  readonly #texts = new Map<string, string>();
  readonly #buttons = new Map<number, MenuButton>();
  #defaultButton: MenuButton = { type: 'commands' };

  /** In this language, else the one for everybody. */
  text(kind: ProfileText, language: string): string | undefined {
    return this.#texts.get(`${kind} ${language}`) ?? this.#texts.get(`${kind} `);
  }

  /** An empty text removes the one of this language. */
  setText(kind: ProfileText, language: string, text: string): void {
    if (text === '') this.#texts.delete(`${kind} ${language}`);
    else this.#texts.set(`${kind} ${language}`, text);
  }

  /** Of one private chat, or of all that have none of their own. */
  button(user?: number): MenuButton {
    return user === undefined ? this.#defaultButton : (this.#buttons.get(user) ?? { type: 'default' });
  }

  setButton(button: MenuButton, user?: number): void {
    if (user === undefined) {
      this.#defaultButton = button.type === 'default' ? { type: 'commands' } : button;
      return;
    }
    this.#buttons.delete(user);
    if (button.type !== 'default') this.#buttons.set(user, button);
    dropOldest(this.#buttons, KEPT_BUTTONS);
  }
}
