import 'reflect-metadata';
import { getMetadataStorage, ValidateIf } from 'class-validator';

const READ = Symbol('how a field is read');
const NULLABLE = Symbol('null says something of its own');

type Read = (value: unknown) => unknown;
export interface DtoClass {
  new (): object;
  /** The field that holds the whole payload, where it is no object. */
  readonly bareField?: string;
}

interface Field {
  readonly name: string;
  readonly nullable: boolean;
  readonly read: Read;
}

/** What the decorators said, looked up once per class: Reflect's own look-up walks prototypes. */
const known = new Map<DtoClass, readonly Field[]>();

/** Takes a field over in a way of its own, before it is validated. */
export function ReadAs(read: Read): PropertyDecorator {
  return Reflect.metadata(READ, read);
}

/** Elsewhere a field that is `null` is as if left out: many languages cannot leave one out. */
export function Nullable(): PropertyDecorator {
  return (target, property) => {
    Reflect.defineMetadata(NULLABLE, true, target, property);
    ValidateIf((_, value: unknown) => value !== null)(target, property);
  };
}

/** The payload of an event as its DTO, yet to be validated; undefined if it can be none. */
export function dtoOf(dtoClass: DtoClass, payload: unknown): object | undefined {
  const { bareField } = dtoClass;
  const dto = rebuild(dtoClass, bareField === undefined ? payload : { [bareField]: payload });
  return dto instanceof dtoClass ? dto : undefined;
}

/**
 * A payload as its DTO, yet to be validated: of all that it holds, the fields for which the DTO has
 * a rule. Neither copied deeply nor walked: a hostile client nests thousands deep, and poses as
 * what it likes. What is no object stays what it is.
 */
export function rebuild(dtoClass: DtoClass, payload: unknown): unknown {
  if (!isObject(payload)) return payload;
  const dto = new dtoClass() as Record<string, unknown>;
  for (const { name, nullable, read } of fieldsOf(dtoClass)) {
    const value = payload[name];
    if (value === undefined || (value === null && !nullable)) continue;
    dto[name] = read(value);
  }
  return dto;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fieldsOf(dtoClass: DtoClass): readonly Field[] {
  let fields = known.get(dtoClass);
  if (fields === undefined) known.set(dtoClass, (fields = declaredIn(dtoClass)));
  return fields;
}

/** @throws if a field was declared and given no rule: nothing would ever arrive in it */
function declaredIn(dtoClass: DtoClass): Field[] {
  const rules = getMetadataStorage().getTargetValidationMetadatas(dtoClass, '', false, false);
  const names = new Set(rules.map(({ propertyName }) => propertyName));
  for (const name of Object.keys(new dtoClass())) {
    if (!names.has(name)) throw new Error(`${dtoClass.name}.${name} has no rule`);
  }
  const prototype = dtoClass.prototype as object;
  return [...names].map((name) => ({
    name,
    nullable: Reflect.hasMetadata(NULLABLE, prototype, name),
    read: (Reflect.getMetadata(READ, prototype, name) as Read | undefined) ?? ((value) => value),
  }));
}
