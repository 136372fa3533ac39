/** The methods of an object, its class included, and its fields: to be spread with some of them replaced. */
export function bindAll<T extends object>(target: T): T {
  const bound: { [name: string]: unknown } = {}
  for (let one: unknown = target; typeof one === 'object' && one !== null && one !== Object.prototype; one = Object.getPrototypeOf(one)) {
    for (const name of Object.getOwnPropertyNames(one)) {
      if (name === 'constructor' || name in bound) continue
      const value: unknown = Reflect.get(target, name, target)
      bound[name] = typeof value === 'function' ? value.bind(target) : value
    }
  }
  return bound as T
}
