/** What guests of a hotel say to `test/bots/innocent/concierge.mjs`. */
export const bot = '../../test/bots/innocent/concierge.yaml';
export const target = '../../test/bots/innocent/concierge.jsonl';
export const about = 'Three guests of a hotel. They are invented.';
export const seed = 'record-concierge';
export const account = { id: 7000000003, username: 'grand_hotel_bot', firstName: 'Grand Hotel' };

// The news come before anybody subscribes: here only who asks for them gets them.
const guest = (id, first_name, button) => ({
  user: { id, is_bot: false, first_name, language_code: 'en' },
  acts: [
    ['/start', 'Welcome'],
    ['/clean', 'Your room is clean'],
    ['/menu', 'What can we do'],
    [`[${button}]`, 'We see to it'],
    ['/subscribe', 'You will hear'],
    ['/clean', 'Your room is clean'],
    [first_name, 'Thank you'],
  ],
});

export const people = [
  {
    user: { id: 1021, is_bot: false, first_name: 'Vera', language_code: 'en' },
    acts: [
      ['/start', 'Welcome'],
      ['/news', 'Breakfast is served'],
      ['/menu', 'What can we do'],
      ['/menu', 'What can we do'],
      ['[Towels]', 'We see to it'],
      ['/photos'],
      ['Vera', 'Thank you'],
    ],
  },
  guest(1022, 'Anton', 'Taxi'),
  guest(1023, 'Lena', 'Towels'),
];
