/** Thrown inside this folder where a stream is not of the plain kind that is decoded here; the library decodes it then. */
export class Irregular extends Error {}

/** @throws Irregular unless `holds` */
export function ensure(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Irregular(otherwise)
}
