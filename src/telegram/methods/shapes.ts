/** How a parameter travels. `json` is JSON text; alternatives are joined by `|`. */
export type ParameterType = string;

/**
 * The type of a value in a result: `number`, `date` (Unix time), `string`, `url`, `boolean`, `true`, `=text`
 * (a fixed string), a number (fixed too), the name of an object type, or any of these followed by `[]`.
 */
export type ResultType = string;

/** The least and the most, and what is counted: the number itself, letters, bytes, or elements of a list. */
export type Limit = readonly [least: number, most: number, of: 'value' | 'characters' | 'bytes' | 'items'];

export interface MethodShape {
  readonly params: Readonly<Record<string, ParameterType>>;
  readonly returns: ResultType;
}

/** Required fields and their types, or the name of the type that stands for a union. */
export type ObjectShape = Readonly<Record<string, ResultType>> | string;
