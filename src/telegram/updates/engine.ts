import type { Timer } from '../../base/clock.js';
import { type Delivery, type Ending, faultOf } from './deliveries.js';
import { DuplicateSender } from './duplicates.js';
import { type EngineOptions, IDLE_MS } from './engine-options.js';
import { ConnectionRamp } from './ramp.js';
import { type LoadedUpdate, ReadyLines } from './ready-lines.js';
import { webhookRequest } from './request.js';
import { afterFailure } from './schedule.js';
import type { Answer, Connection, Target } from './transport.js';

/** Updates are read from the queue in batches of at most this many (ClientParameters.h:42). */
const LARGEST_LOAD = 1000;
/** An unbroken run of 410 that lasts longer than this ends the webhook (WebhookActor.h:76). */
const GONE_AFTER_MS = 23 * 3_600_000;

interface Work {
  readonly loaded: LoadedUpdate;
  readonly delivery: Delivery;
}

interface Link {
  readonly target: Target;
  readonly connection: Connection;
  timer: Timer | undefined;
  work: Work | undefined;
}

/**
 * Delivers the updates of one bot to one webhook (WebhookActor.cpp; facts/telegram.md §1). It lives from
 * setWebhook until the webhook is changed. Time and network come from outside; everything else happens in
 * {@link wake}, which is called whenever something may have become possible.
 */
export class WebhookEngine {
  readonly #options: EngineOptions;
  readonly #lines = new ReadyLines();
  readonly #ramp = new ConnectionRamp();
  readonly #duplicates: DuplicateSender;
  readonly #links = new Set<Link>();
  /** Links without work; the one that has rested longest is used first. */
  readonly #idle: Link[] = [];
  #target: Target;
  /** Updates below this id are loaded. */
  #loadedTo = 0;
  #firstGoneAt: number | undefined;
  #wakeUp: Timer | undefined;
  /** One connection is opened at once, update or not: that is how a webhook is verified. */
  #verified = false;
  #closed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#target = options.target;
    this.#duplicates = new DuplicateSender(options, () => this.#target);
  }

  /** The host name has another address now. Connections to the old one end with their next answer. */
  retarget(target: Target): void {
    this.#target = target;
  }

  /** True while this update is out of the queue's hands: expiry no longer takes it. */
  holds(id: number): boolean {
    return id < this.#loadedTo;
  }

  /** Does everything that can be done now, and sets an alarm for the rest. */
  wake(): void {
    if (this.#closed) return;
    const { clock } = this.#options;
    clock.clear(this.#wakeUp);
    this.#load();
    const mayConnectInMs = this.#connect();
    this.#send();
    const next = this.#idle.length > 0 ? this.#lines.next : undefined;
    const readyInMs = next === undefined ? undefined : next.readyAt - clock.now();
    const delayMs = Math.min(mayConnectInMs ?? Infinity, readyInMs ?? Infinity);
    this.#wakeUp = delayMs === Infinity ? undefined : clock.set(delayMs, () => this.wake());
  }

  /** Drops all connections. What was in flight is abandoned and stays queued. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { clock, deliveries, queue } = this.#options;
    clock.clear(this.#wakeUp);
    this.#duplicates.close();
    for (const link of [...this.#links]) {
      const { work } = link;
      this.#drop(link);
      if (work !== undefined) deliveries.end(work.delivery, { outcome: 'abandoned' });
    }
    for (const { update } of this.#lines.all()) {
      // It expired while it waited here, and nobody will send it any more.
      if (!queue.has(update.id)) deliveries.dropped(update, 'expired');
    }
  }

  /** Keeps at most twice as many lines as connections; a batch at a time (WebhookActor.cpp:363). */
  #load(): void {
    const { clock, deliveries, maxConnections, queue } = this.#options;
    let left = Math.min(LARGEST_LOAD, 2 * maxConnections - this.#lines.size);
    const nowS = clock.unixSeconds();
    for (const update of queue.from(this.#loadedTo)) {
      if (left <= 0) return;
      this.#loadedTo = update.id + 1;
      if (update.expiresAtS < nowS) {
        queue.forget(update.id);
        deliveries.dropped(update, 'expired');
        continue;
      }
      left -= 1;
      this.#lines.load(update, clock.now());
    }
  }

  /** Opens what is needed and allowed. Returns when more will be allowed, if more is needed. */
  #connect(): number | undefined {
    const now = this.#options.clock.now();
    const wanted = this.#verified
      ? this.#ramp.wanted(this.#lines.size, this.#options.maxConnections, now)
      : 1;
    while (this.#links.size < wanted) {
      const waitMs = this.#ramp.take(now);
      if (waitMs > 0) return waitMs;
      this.#open();
    }
    return undefined;
  }

  #open(): void {
    const { transport } = this.#options;
    const target = this.#target;
    const connection = transport.connect(target, {
      answered: (answer) => this.#answered(link, answer),
      ended: (error) => this.#ended(link, error),
    });
    const link: Link = { target, connection, timer: undefined, work: undefined };
    this.#links.add(link);
    this.#idle.push(link);
    this.#verified = true;
    this.#arm(link, IDLE_MS);
  }

  #send(): void {
    const { clock, deliveries, request } = this.#options;
    for (;;) {
      const link = this.#idle[0];
      const next = this.#lines.next;
      if (link === undefined || next === undefined || next.readyAt > clock.now()) return;
      this.#idle.shift();
      this.#lines.take();
      const delivery = deliveries.start(next.update, 'webhook');
      link.work = { loaded: next, delivery };
      this.#arm(link, faultOf(delivery, 'timeout')?.delayMs ?? IDLE_MS);
      link.connection.send(webhookRequest(request, next.update.text, delivery.traceparent));
      const duplicate = faultOf(delivery, 'duplicate');
      if (duplicate !== undefined) this.#duplicates.send(next.update, duplicate);
    }
  }

  #answered(link: Link, answer: Answer): void {
    const { work } = link;
    if (work === undefined) return;
    const lost = faultOf(work.delivery, 'lose-acknowledgement');
    if (lost !== undefined) {
      this.#drop(link);
      this.#failed(work, { outcome: 'unknown', fault: lost.fault });
      this.wake();
      return;
    }
    link.work = undefined;
    if (answer.keepAlive && link.target === this.#target) {
      this.#arm(link, IDLE_MS);
      this.#idle.push(link);
    } else {
      this.#drop(link);
    }
    const { status } = answer;
    if (status >= 200 && status <= 299) this.#succeeded(work, answer);
    else this.#refused(work, answer);
    this.wake();
  }

  #succeeded(work: Work, answer: Answer): void {
    const { clock, deliveries, onAccepted, queue } = this.#options;
    this.#firstGoneAt = undefined;
    this.#ramp.succeeded(clock.now());
    queue.forget(work.loaded.update.id);
    this.#lines.remove(work.loaded);
    deliveries.end(work.delivery, { outcome: 'acknowledged', status: answer.status });
    const repeat = faultOf(work.delivery, 'repeat');
    if (repeat !== undefined) this.#duplicates.send(work.loaded.update, repeat);
    onAccepted(answer, work.delivery);
  }

  #refused(work: Work, answer: Answer): void {
    const { clock, deliveries, onError, onGone } = this.#options;
    const { retryAfterS, reason, status } = answer;
    const error = `Wrong response from the webhook: ${status} ${reason}`;
    onError(error);
    const now = clock.now();
    this.#firstGoneAt = status === 410 ? (this.#firstGoneAt ?? now) : undefined;
    if (this.#firstGoneAt !== undefined && now > this.#firstGoneAt + GONE_AFTER_MS) {
      deliveries.end(work.delivery, { outcome: 'refused', status, error });
      onGone();
      return;
    }
    this.#failed(work, { outcome: 'refused', status, error }, retryAfterS);
  }

  #ended(link: Link, error: string | undefined, fault?: string): void {
    const { work } = link;
    this.#drop(link);
    if (error !== undefined) this.#options.onError(error);
    if (work !== undefined) {
      this.#failed(work, {
        outcome: link.connection.opened ? 'unknown' : 'undelivered',
        ...(error !== undefined && { error }),
        ...(fault !== undefined && { fault }),
      });
    }
    this.wake();
  }

  #timedOut(link: Link): void {
    const { connection, work } = link;
    const fault = work && faultOf(work.delivery, 'timeout')?.fault;
    if (!connection.flushed) this.#ended(link, 'Write timeout expired', fault);
    else this.#ended(link, work && 'Read timeout expired', fault);
  }

  /** The update waits for its next attempt, or is given up when it would come too late. */
  #failed(work: Work, ending: Ending, retryAfterS = 0): void {
    const { clock, deliveries, queue, random } = this.#options;
    const { delivery, loaded } = work;
    const { update } = loaded;
    const { state, waitS } = afterFailure(loaded.retry, retryAfterS, random);
    if (clock.unixSeconds() + waitS > update.expiresAtS) {
      queue.forget(update.id);
      this.#lines.remove(loaded);
      deliveries.end(delivery, ending);
      deliveries.dropped(update, 'expired');
      return;
    }
    loaded.retry = state;
    loaded.readyAt = clock.now() + waitS * 1000;
    this.#lines.release(loaded);
    deliveries.end(delivery, { ...ending, retryInMs: waitS * 1000 });
  }

  #arm(link: Link, ms: number): void {
    const { clock } = this.#options;
    clock.clear(link.timer);
    link.timer = clock.set(ms, () => this.#timedOut(link));
  }

  #drop(link: Link): void {
    this.#options.clock.clear(link.timer);
    link.work = undefined;
    link.connection.destroy();
    this.#links.delete(link);
    const index = this.#idle.indexOf(link);
    if (index >= 0) this.#idle.splice(index, 1);
  }
}
