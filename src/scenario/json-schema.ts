import { z } from 'zod';
import { scenarioSchema } from './schema.js';

type Node = { readonly [key: string]: unknown };

const PLACEHOLDER = { $ref: '#/definitions/placeholder' };

/**
 * The JSON Schema of a scenario file as people write it, which is more than the checked one takes: `${name}`
 * in place of any value, faults as a map of names, and, in a file that extends another one, any part of it,
 * with null to take something away.
 */
export function scenarioJsonSchema(): Node {
  const { $schema: _, ...checked } = z.toJSONSchema(scenarioSchema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
  }) as Node;
  return {
    type: 'object',
    if: { required: ['extends'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { $ref: '#/definitions/changes' },
    else: { $ref: '#/definitions/scenario' },
    definitions: {
      scenario: withNamedFaults(written(checked, false)),
      changes: withNamedFaults(written(checked, true)),
      placeholder: {
        type: 'string',
        pattern: '\\$\\{\\s*[A-Za-z][A-Za-z0-9_-]*\\s*\\}',
        description: 'A parameter of this file',
      },
    },
  };
}

/** The schema of what may be written where `node` is what it must become. */
function written(node: Node, isChange: boolean): Node {
  const { required, oneOf, properties, ...rest } = node;
  const inside = (inner: unknown): unknown => written(inner as Node, isChange);
  const result: Record<string, unknown> = { ...rest };
  // Parts of two shapes may look the same.
  const several = (oneOf ?? node.anyOf) as readonly unknown[] | undefined;
  if (several !== undefined) result.anyOf = several.map(inside);
  if (Array.isArray(node.allOf)) result.allOf = node.allOf.map(inside);
  if (isNode(node.items)) result.items = value(written(node.items, isChange), false);
  if (isNode(node.additionalProperties)) {
    result.additionalProperties = value(written(node.additionalProperties, isChange), isChange);
  }
  if (isNode(properties)) {
    result.properties = Object.fromEntries(
      Object.entries(properties).map(([key, inner]) => [
        key,
        value(written(inner as Node, isChange), isChange),
      ]),
    );
  }
  if (required !== undefined && !isChange) result.required = required;
  return result;
}

/** The value, or a parameter that stands for it; in a change also null. */
function value(node: Node, isChange: boolean): Node {
  const isAnything = node.type === undefined && node.anyOf === undefined && node.const === undefined;
  if (isAnything || (node.const !== undefined && !isChange)) return node;
  const isText = node.type === 'string' && node.pattern === undefined && node.enum === undefined;
  if (isText && !isChange) return node;
  const { description, default: standard, ...bare } = node;
  const outer = {
    ...(description !== undefined && { description }),
    ...(standard !== undefined && { default: standard }),
  };
  const isUnion = Array.isArray(bare.anyOf) && bare.type === undefined;
  return {
    ...outer,
    anyOf: [
      ...(isUnion ? (bare.anyOf as readonly unknown[]) : [bare]),
      ...(node.const === undefined && !isText ? [PLACEHOLDER] : []),
      ...(isChange ? [{ type: 'null' }] : []),
    ],
  };
}

/** `faults` may also be a map of names. */
function withNamedFaults(schema: Node): Node {
  const properties = schema.properties as Node;
  const faults = properties.faults as Node;
  const shapes = faults.anyOf as readonly Node[];
  const list = shapes.find(({ type }) => type === 'array');
  const named = { type: 'object', additionalProperties: nullable(list?.items as Node) };
  return { ...schema, properties: { ...properties, faults: { ...faults, anyOf: [...shapes, named] } } };
}

const nullable = (node: Node): Node => ({ anyOf: [node, { type: 'null' }] });

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
