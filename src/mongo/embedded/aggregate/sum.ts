import { Decimal128, Double } from 'bson';
import { decimalArithmetic } from '../bson/decimal.js';
import { asLong, integer } from '../bson/number.js';
import type { Numeric } from '../bson/value.js';

/**
 * The sum of many numbers. Integers are summed exactly and doubles with compensation (Neumaier), so the
 * order does not change the result; the widest type met is the type of the sum.
 */
export class Sum {
  #whole = 0n;
  #double = 0;
  #lost = 0;
  #decimal: Decimal128 | undefined;
  #sawLong = false;
  #sawDouble = false;

  add(value: Numeric): void {
    if (value instanceof Decimal128) {
      this.#decimal = this.#decimal === undefined ? value : decimalArithmetic('+', this.#decimal, value);
    } else if (value instanceof Double) {
      this.#sawDouble = true;
      this.#addDouble(value.value);
    } else {
      this.#sawLong ||= typeof value === 'bigint';
      this.#whole += BigInt(value);
    }
  }

  get total(): Numeric {
    if (this.#decimal !== undefined) {
      const rest = this.#sawDouble ? new Double(this.#asDouble()) : this.#whole;
      return decimalArithmetic('+', this.#decimal, rest);
    }
    if (this.#sawDouble) return new Double(this.#asDouble());
    return (this.#sawLong ? asLong(this.#whole) : integer(this.#whole)) ?? new Double(Number(this.#whole));
  }

  #addDouble(value: number): void {
    const sum = this.#double + value;
    if (Number.isFinite(sum)) {
      this.#lost +=
        Math.abs(this.#double) >= Math.abs(value) ? this.#double - sum + value : value - sum + this.#double;
    }
    this.#double = sum;
  }

  #asDouble(): number {
    if (!Number.isFinite(this.#double)) return this.#double;
    if (this.#whole !== 0n) {
      this.#addDouble(Number(this.#whole));
      this.#whole = 0n;
    }
    return this.#double + this.#lost;
  }
}
