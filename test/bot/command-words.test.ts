import { describe, expect, it } from 'vitest';
import { commandWords } from '../../src/bot/command-words.js';

describe('commandWords', () => {
  it.each([
    ['node bot.js', ['node', 'bot.js']],
    ['  node\tbot.js \n --fast ', ['node', 'bot.js', '--fast']],
    [`python -c 'print("hi there")'`, ['python', '-c', 'print("hi there")']],
    [`run "a 'quoted' word" ''`, ['run', "a 'quoted' word", '']],
    [`glued"to gether"'x y'`, ['gluedto getherx y']],
    [String.raw`a\ b "c\"d" "e\f" 'g\h' i\"`, ['a b', 'c"d', String.raw`e\f`, String.raw`g\h`, 'i"']],
    ['echo $HOME ~ *.js && x', ['echo', '$HOME', '~', '*.js', '&&', 'x']],
    ['', []],
  ])('splits %j', (command, words) => {
    expect(commandWords(command)).toEqual(words);
  });

  it('names an open quote', () => {
    expect(() => commandWords(`node "bot.js`)).toThrow('open quote "');
  });
});
