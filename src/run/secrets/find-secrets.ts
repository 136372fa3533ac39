import type { Dag, DagNode } from '../../core/dag.js'
import { PypeError } from '../../core/errors.js'
import type { Json } from '../../core/json.js'
import { listRefs, type TemplateRef } from '../../core/template.js'
import { findConfigSpec, typesOf } from '../../registry/config-check.js'
import type { ModuleDefinition } from '../../sdk/define-module.js'
import type { RenderedContext } from '../job/render-context.js'

/** The name of a secret. */
export type SecretRef = Extract<TemplateRef, { scope: 'secret' }>

/**
 * The secrets that a flow needs, each once, also through values of its context. Throws SECRET_NOT_ALLOWED when such a value stands
 * where it cannot be kept secret; the build has looked at those that stand in the flow itself.
 */
export function findSecrets(
  dag: Dag,
  definitions: ReadonlyMap<string, ModuleDefinition>,
  { written }: RenderedContext,
): readonly SecretRef[] {
  const found = new Map<string, SecretRef>()
  const exposed: string[] = []
  const look = (value: Json, where: string | undefined): void => {
    for (const ref of listRefs(value)) {
      if (ref.scope === 'secret') found.set(`${ref.path}#${ref.field}`, ref)
      if (ref.scope !== 'context' || !Object.hasOwn(written, ref.name)) continue
      const inside = listRefs(written[ref.name] ?? null).filter((inner) => inner.scope === 'secret')
      for (const inner of inside) found.set(`${inner.path}#${inner.field}`, inner)
      if (inside.length > 0 && where !== undefined) exposed.push(`"${ref.name}" in ${where}`)
    }
  }
  for (const node of dag.nodes) {
    for (const [name, value] of Object.entries(node.configs)) {
      look(value, keepsSecrets(node, name, definitions) ? undefined : `the config ${name} of ${node.id}`)
    }
  }
  for (const { condition, from, to } of dag.control) if (condition !== null) look(condition, `the condition from ${from} to ${to}`)
  if (exposed.length === 0) return [...found.values()]
  throw new PypeError(
    'SECRET_NOT_ALLOWED',
    `Values of the context hold secrets that cannot be kept secret where they stand: ${exposed.join(', ')}.`,
    {
      hint: 'secrets go into connections, configs that are marked secret, and the environment of a command',
    },
  )
}

/** The secrets that a value names. */
export function listSecrets(value: Json): readonly SecretRef[] {
  return listRefs(value).filter((ref) => ref.scope === 'secret')
}

function keepsSecrets(node: DagNode, config: string, definitions: ReadonlyMap<string, ModuleDefinition>): boolean {
  const specs = definitions.get(node.id)?.config
  const spec = specs && findConfigSpec(specs, config)
  if (spec === undefined) return false
  return spec.of === 'secret' || typesOf(spec).some((type) => type === 'secret' || type === 'connection')
}
