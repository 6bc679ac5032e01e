/** What the order dialogue asks, in order. */

export type Slot =
  | 'product'
  | 'size'
  | 'quantity'
  | 'name'
  | 'street'
  | 'city'
  | 'phone'
  | 'delivery'
  | 'comment';

export type Draft = Readonly<Partial<Record<Slot, string>>>;

export interface Button {
  readonly text: string;
  readonly value: string;
}

export interface Question {
  readonly ask: string;
  readonly buttons?: readonly (readonly Button[])[];
  /** Reads a typed answer; nothing when it is none. Absent: only the buttons answer. */
  readonly read?: (text: string) => string | undefined;
  /** What a person hears whose answer could not be read. */
  readonly hint: string;
}

const USE_BUTTONS = 'Please choose with the buttons above.';

export const QUESTIONS: Readonly<Record<Slot, Question>> = {
  product: {
    ask: 'What would you like?',
    buttons: [
      [choice('Mug'), choice('T-shirt')],
      [choice('Poster'), choice('Notebook')],
    ],
    hint: USE_BUTTONS,
  },
  size: {
    ask: 'Which size?',
    buttons: [[choice('Small'), choice('Medium'), choice('Large')], [{ text: '« Back', value: 'back' }]],
    hint: USE_BUTTONS,
  },
  quantity: {
    ask: 'How many? Tap, or type a number from 1 to 20.',
    buttons: [[choice('1'), choice('2'), choice('3')]],
    read: (text) => (/^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= 20 ? text : undefined),
    hint: 'That is no number from 1 to 20. How many would you like?',
  },
  name: {
    ask: 'What is your name?',
    read: (text) => (/^\p{L}[\p{L}\p{M} .'-]{1,59}$/u.test(text) ? text : undefined),
    hint: 'A name has 2 to 60 letters. What is your name?',
  },
  street: {
    ask: 'Which street and house number do we send it to?',
    read: (text) => (/^(?=.*\p{L}).{4,100}$/u.test(text) ? text : undefined),
    hint: 'That is too short for an address. Which street and house number?',
  },
  city: {
    ask: 'Which city?',
    read: (text) => (/^\p{L}[\p{L}\p{M} .'-]{1,59}$/u.test(text) ? text : undefined),
    hint: 'That is no city that we know how to write. Which city?',
  },
  phone: {
    ask: 'A phone number for the courier, please.',
    read: (text) => {
      const digits = text.replace(/[ ()-]/g, '');
      return /^\+?\d{8,15}$/.test(digits) ? digits : undefined;
    },
    hint: 'A phone number has 8 to 15 digits, with + and the country first. Please try again.',
  },
  delivery: {
    ask: 'How shall it travel?',
    buttons: [[choice('Courier'), choice('Post'), choice('Pick-up')]],
    hint: USE_BUTTONS,
  },
  comment: {
    ask: 'Anything we should know? Type it, or skip.',
    buttons: [[{ text: 'Skip', value: 'none' }]],
    read: (text) => (text.length <= 200 ? text : undefined),
    hint: 'That is longer than 200 characters. Please say it shorter, or skip.',
  },
};

/** The questions in the order in which they are asked. */
export const ORDER = Object.keys(QUESTIONS) as Slot[];

export const TITLES: Readonly<Record<Slot, string>> = {
  product: 'Product',
  size: 'Size',
  quantity: 'Quantity',
  name: 'Name',
  street: 'Street',
  city: 'City',
  phone: 'Phone',
  delivery: 'Delivery',
  comment: 'Comment',
};

function choice(text: string): Button {
  return { text, value: text.toLowerCase() };
}
