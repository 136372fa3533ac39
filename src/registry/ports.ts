/** A port as a definition declares it: `name`, `name?` (may stay open) or `name*` (takes `name`, `name1`, `name_left`, … each once). */
export interface PortSpec {
  readonly name: string
  /** `open` may stay open, `many` is variadic. */
  readonly kind: 'one' | 'open' | 'many'
}

/** Reads a port of a module's definition. */
export function readPort(text: string): PortSpec {
  if (text.endsWith('?')) return { name: text.slice(0, -1), kind: 'open' }
  if (text.endsWith('*')) return { name: text.slice(0, -1), kind: 'many' }
  return { name: text, kind: 'one' }
}

/** Whether a connection may name this port. */
export function takesPort(port: PortSpec, name: string): boolean {
  if (port.name === name) return true
  return port.kind === 'many' && name.startsWith(port.name) && /^[0-9_]\w*$/.test(name.slice(port.name.length))
}
