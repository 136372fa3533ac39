import type { ConfigSpec, ConfigType } from '../sdk/define-module.js'
import type { ShellText } from '../sdk/shell-text.js'
import { ident, rawSql } from '../sdk/sql.js'
import { matchConfigType } from './config-check.js'

/** What the body of a module gets for the default of a config; undefined without one. A default was checked when its module was, and has no templates. */
export function convertDefault(spec: ConfigSpec): unknown {
  const value = spec.default
  if (value === undefined || value === null) return value
  const type = matchConfigType(spec, value)
  return type === undefined ? value : convertConfig(type, spec.of, value)
}

/** What the body of a module gets for a value of a type that was checked and has no templates. */
export function convertConfig(type: ConfigType, of: ConfigType | undefined, value: unknown): unknown {
  if (type === 'sql' && typeof value === 'string') return rawSql(value)
  if (type === 'command' && typeof value === 'string') return { text: value, variables: {} } satisfies ShellText
  if (type === 'column' && typeof value === 'string') return ident(value)
  if (type === 'columns' && Array.isArray(value)) return value.map((name: unknown) => ident(String(name)))
  if (of === undefined || typeof value !== 'object' || value === null) return value
  if (type === 'list' && Array.isArray(value)) return value.map((element: unknown) => convertConfig(of, undefined, element))
  if (type === 'dict')
    return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, convertConfig(of, undefined, element)]))
  return value
}
