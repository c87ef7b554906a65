import { Environment } from '@marcbachmann/cel-js';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { generateCrds, type Node } from '../../tools/generate-crds.ts';

interface Definition {
  readonly spec: { readonly names: { readonly kind: string }; readonly versions: readonly [{ readonly schema: { readonly openAPIV3Schema: Node }; readonly [key: string]: unknown }]; readonly [key: string]: unknown };
}

/** A custom resource definition as an API server applies it: what it says against an object, defaults aside. */
export interface Crd {
  readonly definition: Definition;
  readonly schema: Node;
  /** Faults of the schema; where there are none, messages of the CEL rules that do not hold, each with its place. */
  faults(object: unknown): readonly string[];
}

/** The generated definitions by kind. */
export async function readCrds(): Promise<ReadonlyMap<string, Crd>> {
  const definitions = [...(await generateCrds()).values()].map((text) => parse(text) as Definition);
  return new Map(definitions.map((definition) => [definition.spec.names.kind, crdOf(definition)]));
}

function crdOf(definition: Definition): Crd {
  const schema = definition.spec.versions[0].schema.openAPIV3Schema;
  const validate = new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(asJsonSchema(schema, '') as Record<string, unknown>);
  return {
    definition,
    schema,
    faults(object) {
      if (!validate(object)) return (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath}: ${message ?? ''} ${JSON.stringify(params)}`);
      return celFaults(schema, object, '');
    },
  };
}

/** The subset of OpenAPI as JSON Schema, with unknown keys refused as strict field validation does. */
function asJsonSchema(node: Node, place: string): Node {
  const { properties, items, additionalProperties, ...rest } = node;
  const kept = Object.fromEntries(Object.entries(rest).filter(([key]) => !key.startsWith('x-kubernetes') && key !== 'default'));
  return {
    ...kept,
    ...(node['x-kubernetes-int-or-string'] === true ? { type: ['integer', 'string'] } : {}),
    ...(properties === undefined ? {} : { properties: mapped(properties as Node, place), ...(place === '' ? {} : { additionalProperties: false }) }),
    ...(items === undefined ? {} : { items: asJsonSchema(items as Node, `${place}[]`) }),
    ...(additionalProperties === undefined ? {} : { additionalProperties: asJsonSchema(additionalProperties as Node, `${place}{}`) }),
  };
}

function mapped(properties: Node, place: string): Node {
  return Object.fromEntries(Object.entries(properties).map(([key, child]) => [key, asJsonSchema(child as Node, `${place}.${key}`)]));
}

const environment = new Environment({ unlistedVariablesAreDyn: true });

function celFaults(schema: Node, value: unknown, place: string): readonly string[] {
  if (value === undefined || value === null) return [];
  const rules = (schema['x-kubernetes-validations'] ?? []) as readonly { readonly rule: string; readonly message: string; readonly fieldPath?: string }[];
  const own = rules.filter(({ rule }) => environment.evaluate(rule, { self: withIntegers(value) }) !== true).map(({ message, fieldPath = '' }) => `${place}${fieldPath}: ${message}`);
  const { properties, items, additionalProperties } = schema as { readonly properties?: Record<string, Node>; readonly items?: Node; readonly additionalProperties?: Node };
  const inner = [
    ...Object.entries(properties ?? {}).flatMap(([key, child]) => celFaults(child, (value as Record<string, unknown>)[key], `${place}.${key}`)),
    ...(items === undefined ? [] : (value as unknown[]).flatMap((one, index) => celFaults(items, one, `${place}[${index}]`))),
    ...(typeof additionalProperties !== 'object' ? [] : Object.entries(value).flatMap(([key, one]) => celFaults(additionalProperties, one, `${place}.${key}`))),
  ];
  return [...own, ...repeated(schema, value, place), ...inner];
}

/** Items of a list-map with the same key. */
function repeated(schema: Node, value: unknown, place: string): readonly string[] {
  if (schema['x-kubernetes-list-type'] !== 'map') return [];
  const names = (value as readonly { readonly name: string }[]).map(({ name }) => name);
  return names.filter((name, index) => names.indexOf(name) < index).map((name) => `${place}: Duplicate value ${name}`);
}

/** Whole numbers as CEL has them. */
function withIntegers(value: unknown): unknown {
  if (typeof value === 'number') return BigInt(value);
  if (Array.isArray(value)) return value.map(withIntegers);
  return value !== null && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withIntegers(one)])) : value;
}
