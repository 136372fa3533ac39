import type { Dag } from '../../core/dag.js'
import { PypeError } from '../../core/errors.js'
import type { FramePath } from '../../core/frame.js'
import type { Json, JsonObject } from '../../core/json.js'
import type { TemplateRef } from '../../core/template.js'
import type { SecretRef } from '../secrets/find-secrets.js'
import type { RunSecrets } from '../secrets/run-secrets.js'
import type { Found } from './found.js'
import type { GlobalStore } from './global-store.js'
import { findIterValue, type Iteration } from './iteration.js'

/** Finds the value of a template; throws TEMPLATE_VALUE when there can be none. */
export type Lookup = (ref: TemplateRef) => Found

/** The values that templates are looked up in. */
export interface TemplateValues {
  readonly dag: Dag
  readonly job: string
  readonly runId: string
  /** Logical time of the run as the text of a TIMESTAMP. */
  readonly time: string
  /** Without the values that hold secrets. */
  readonly context: JsonObject
  /** The values that have templates of secrets or of the environment, with these. */
  readonly writtenContext: JsonObject
  readonly env: { readonly [name: string]: string | undefined }
  readonly globals: GlobalStore
  readonly secrets: Pick<RunSecrets, 'find'>
}

/** A lookup as seen from a frame. `iterations` are those around it, the innermost first. */
export function createLookup(values: TemplateValues, frame: FramePath, iterations: readonly Iteration[] = []): Lookup {
  return (ref) => {
    switch (ref.scope) {
      case 'context':
        return contextValue(values, ref.name)
      case 'env':
        return { kind: 'json', value: envValue(values.env, ref.name) }
      case 'secret':
        return secretValue(values, ref)
      case 'run':
        return runValue(values, ref.name)
      case 'flow':
        return { kind: 'json', value: values.dag.flow[ref.name] }
      case 'iter':
        return iterValue(iterations, ref.level, ref.path)
      case 'global':
        return values.globals.find(ref.node, ref.name, frame)
    }
  }
}

function contextValue({ context, writtenContext }: TemplateValues, name: string): Found {
  const written = Object.hasOwn(writtenContext, name) ? writtenContext[name] : undefined
  const value = Object.hasOwn(context, name) ? context[name] : undefined
  if (value !== undefined) return { kind: 'json', value, ...(written === undefined ? {} : { written }) }
  if (written !== undefined) return { kind: 'sealed', written }
  throw new PypeError('CONTEXT_MISSING', `The context has no value "${name}".`, {
    hint: `add it to the context file, or give it with --set ${name}=…`,
  })
}

function secretValue({ secrets }: TemplateValues, { path, field }: SecretRef): Found {
  const value = secrets.find(path, field)
  if (value !== undefined) return { kind: 'secret', value }
  throw new PypeError('TEMPLATE_VALUE', `The secret ${path}#${field} was not read when the run started.`, {
    hint: 'build the flow again, so that the run knows what it needs',
  })
}

function envValue(env: TemplateValues['env'], name: string): Json {
  const value = Object.hasOwn(env, name) ? env[name] : undefined
  if (value !== undefined) return value
  throw new PypeError('TEMPLATE_VALUE', `The environment variable ${name} is not set.`, { hint: `set it: export ${name}=…` })
}

function runValue(values: TemplateValues, name: 'id' | 'date' | 'time' | 'job'): Found {
  if (name === 'id') return { kind: 'json', value: values.runId }
  if (name === 'job') return { kind: 'json', value: values.job }
  if (name === 'date') return { kind: 'typed', value: { type: 'DATE', text: values.time.slice(0, 10) } }
  return { kind: 'typed', value: { type: 'TIMESTAMP', text: values.time } }
}

function iterValue(iterations: readonly Iteration[], level: number, path: readonly string[]): Found {
  const iteration = iterations[level]
  if (iteration !== undefined) return findIterValue(iteration, path)
  throw new PypeError('TEMPLATE_VALUE', '{{iter.…}} stands outside of the loops that it counts on.', {
    hint: 'use it only in nodes that an iterate connection leads to',
  })
}
