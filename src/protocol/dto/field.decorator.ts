import 'reflect-metadata';

const FIELDS = Symbol('fields of a DTO');

type Read = (value: unknown) => unknown;

/** Marks what is taken over from a payload, and how. What is not marked is never looked at. */
export function Field(read: Read = (value) => value): PropertyDecorator {
  return (target, property) => {
    const fields = new Map([...fieldsOf(target), [property as string, read]]);
    Reflect.defineMetadata(FIELDS, fields, target);
  };
}

/**
 * A payload as its DTO, yet to be validated. Neither copied deeply nor walked: a hostile client
 * nests thousands deep, and poses as what it likes. What is no object stays what it is.
 */
export function rebuild(dtoClass: new () => object, payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return payload;
  const dto = new dtoClass();
  for (const [name, read] of fieldsOf(dto)) {
    const value = (payload as Record<string, unknown>)[name];
    if (value !== undefined) Object.assign(dto, { [name]: read(value) });
  }
  return dto;
}

function fieldsOf(target: object): Map<string, Read> {
  const fields = Reflect.getMetadata(FIELDS, target) as Map<string, Read> | undefined;
  return fields ?? new Map<string, Read>();
}
