import { type Random, randomInteger, randomStream } from '../base/random.js';

/**
 * Who gets a delivery. `round-robin`: the instances take turns with the updates of each chat. `random`: each delivery
 * is drawn. `sticky`: a chat stays with the instance that was drawn for it. `first`: instance 1 gets everything.
 */
export const ROUTES = ['round-robin', 'random', 'sticky', 'first'] as const;
export type Route = (typeof ROUTES)[number];

export interface RoutingOptions {
  readonly route: Route;
  readonly instances: number;
  readonly seed: string;
}

/**
 * Chooses instances (from 1). What is drawn follows from the seed and from names that are alike in every run; turns are
 * counted for each chat by itself, so that neither depends on whose delivery comes first.
 */
export class Routing {
  readonly #options: RoutingOptions;
  readonly #turns = new Map<string, number>();

  constructor(options: RoutingOptions) {
    this.#options = options;
  }

  /** `chat` and `delivery` name both alike in every run. */
  next(chat: string, delivery: string): number {
    switch (this.#options.route) {
      case 'first':
        return 1;
      case 'sticky':
        return this.#drawn(`chat/${chat}`);
      case 'random':
        return this.#drawn(`delivery/${delivery}`);
      case 'round-robin': {
        const turn = this.#turns.get(chat) ?? this.#drawn(`chat/${chat}`);
        this.#turns.set(chat, (turn % this.#options.instances) + 1);
        return turn;
      }
    }
  }

  #drawn(name: string): number {
    const random: Random = randomStream(this.#options.seed, `route/${name}`);
    return randomInteger(random, 1, this.#options.instances);
  }
}
