import 'reflect-metadata';

const FIELDS = Symbol('fields of a DTO');

type Read = (value: unknown) => unknown;
type Fields = ReadonlyMap<string, Read>;

/** What the decorators said, looked up once per class: Reflect's own look-up walks prototypes. */
const known = new Map<new () => object, Fields>();

/** Marks what is taken over from a payload, and how. What is not marked is never looked at. */
export function Field(read: Read = (value) => value): PropertyDecorator {
  return (target, property) => {
    const fields = new Map([...declaredOn(target), [property as string, read]]);
    Reflect.defineMetadata(FIELDS, fields, target);
  };
}

/**
 * A payload as its DTO, yet to be validated. Neither copied deeply nor walked: a hostile client
 * nests thousands deep, and poses as what it likes. What is no object stays what it is.
 */
export function rebuild(dtoClass: new () => object, payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return payload;
  const dto = new dtoClass() as Record<string, unknown>;
  for (const [name, read] of fieldsOf(dtoClass)) {
    const value = (payload as Record<string, unknown>)[name];
    if (value !== undefined) dto[name] = read(value);
  }
  return dto;
}

function fieldsOf(dtoClass: new () => object): Fields {
  let fields = known.get(dtoClass);
  if (fields === undefined)
    known.set(dtoClass, (fields = declaredOn(dtoClass.prototype as object)));
  return fields;
}

function declaredOn(target: object): Fields {
  return (Reflect.getMetadata(FIELDS, target) as Fields | undefined) ?? new Map<string, Read>();
}
