import { quoteName, quoteText } from '../statement/literal.js'

/** Takes values apart into what a file keeps, and builds them again. Both take an SQL expression and return one. */
export interface Builder {
  readonly write: (value: string) => string
  readonly read: (value: string) => string
}

/** What a lambda goes over. One name does for all, also one inside another: none reads what is around it. */
const IT = 'it'

/** Three numbers: the engine cannot read its own text of an interval with very many hours. */
export const buildInterval: Builder = {
  write: (value) => {
    const part = (name: string) => `datepart('${name}', ${value})`
    const micros = `${part('hour')} * 3600000000 + ${part('minute')} * 60000000 + ${part('microsecond')}`
    return `{'months': ${part('year')} * 12 + ${part('month')}, 'days': ${part('day')}, 'micros': ${micros}}`
  },
  read: (value) =>
    `to_months(CAST(${field(value, 0)} AS INTEGER)) + to_days(CAST(${field(value, 1)} AS INTEGER)) + to_microseconds(${field(value, 2)})`,
}

/** A list, or with a `suffix` that has a size an array, which a file keeps as a list. */
export function buildList(ofType: string, suffix: string, of: Builder): Builder {
  const isList = suffix === '[]'
  return {
    write: (value) => transform(isList ? value : `CAST(${value} AS ${ofType}[])`, of.write),
    read: (value) => (isList ? transform(value, of.read) : `CAST(${transform(value, of.read)} AS ${ofType}${suffix})`),
  }
}

/** The entries of a map; its keys, built anew, are as different as before. */
export function buildMap(key: Builder, value: Builder): Builder {
  const both = (map: string, way: keyof Builder) => {
    const entries = (it: string) => `map(${transform(`map_keys(${it})`, key[way])}, ${transform(`map_values(${it})`, value[way])})`
    return first(pick(map, (it) => `${it} IS NOT NULL`, entries))
  }
  return { write: (map) => both(map, 'write'), read: (map) => both(map, 'read') }
}

/** The fields of a struct. */
export function buildStruct(names: readonly string[], fields: readonly Builder[]): Builder {
  const both = (struct: string, way: keyof Builder) => {
    const pack = (it: string) => fields.map((of, i) => `${quoteName(names[i] ?? '')} := ${of[way](field(it, i))}`)
    return first(
      pick(
        struct,
        (it) => `${it} IS NOT NULL`,
        (it) => `struct_pack(${pack(it).join(', ')})`,
      ),
    )
  }
  return { write: (struct) => both(struct, 'write'), read: (struct) => both(struct, 'read') }
}

/** A union: a struct of the name of its member, and a field for each member. */
export function buildUnion(type: string, names: readonly string[], members: readonly Builder[]): Builder {
  return {
    write: (value) => {
      const items = members.map((member, i) => `'member${i + 1}': ${member.write(`union_extract(${value}, ${quoteText(names[i] ?? '')})`)}`)
      return `{'tag': CAST(union_tag(${value}) AS VARCHAR), ${items.join(', ')}}`
    },
    read: (value) => {
      const choices = members.map((member, i) => {
        const name = names[i] ?? ''
        const made = (it: string) => `CAST(union_value(${quoteName(name)} := ${member.read(field(it, i + 1))}) AS ${type})`
        return pick(value, (it) => `${field(it, 0)} = ${quoteText(name)}`, made)
      })
      return first(choices.join(' || '))
    },
  }
}

/**
 * A list of what becomes of a value, empty when the value does not meet the condition. The engine has no CASE for values that hold
 * arrays.
 */
function pick(value: string, condition: (it: string) => string, result: (it: string) => string): string {
  return `list_transform(list_filter([${value}], lambda ${IT}: ${condition(IT)}), lambda ${IT}: ${result(IT)})`
}

/** The first of a list, NULL when there is none. */
function first(list: string): string {
  return `list_extract(${list}, 1)`
}

function transform(list: string, change: (item: string) => string): string {
  return `list_transform(${list}, lambda ${IT}: ${change(IT)})`
}

/** A field by its place, counted from 0. */
function field(struct: string, index: number): string {
  return `struct_extract_at(${struct}, ${index + 1})`
}
