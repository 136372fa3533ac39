import { readFile } from 'node:fs/promises'
import { PypeError } from '../../core/errors.js'
import type { Flow, FlowModule, FlowValue } from '../../core/flow.js'
import { isYamlName, suggestPath } from '../../core/near-path.js'
import { openSource, type SourceText } from '../../core/source-text.js'
import { systemCodeOf } from '../../core/system-code.js'
import { Findings } from '../findings.js'
import { checkSchema } from './check-schema.js'
import { FLOW_SHAPE } from './file-shape.js'
import { loadConfigs } from './load-configs.js'
import { loadControl, loadData } from './load-connections.js'
import { loadSettings } from './load-settings.js'
import { parseYaml } from './parse-yaml.js'
import { refuseInexact } from './refuse-inexact.js'

/** A flow file as far as it can be read, and what is wrong with it. */
export interface LoadedFlow {
  /** Undefined when the file is not even YAML; otherwise all of it that has a usable shape. */
  readonly flow: Flow | undefined
  readonly findings: Findings
}

/** Reads a flow file. Throws FILE_NOT_FOUND or FILE_UNREADABLE; all else is among the findings. */
export async function loadFlow(file: string): Promise<LoadedFlow> {
  return readFlow(file, await readFlowText(file))
}

/** Reads the text of a flow file. */
export function readFlow(file: string, text: string): LoadedFlow {
  const source = openSource(file, text)
  const findings = new Findings(source)
  const root = parseYaml(source, FLOW_SHAPE, findings)
  if (root === undefined) return { flow: undefined, findings }
  return { flow: assembleFlow(checkSchema(root, FLOW_SHAPE, findings), source, findings), findings }
}

/** Reads a YAML file as a text. Throws FILE_NOT_FOUND or FILE_UNREADABLE. */
export async function readFlowText(file: string, noun = 'flow'): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file))
  } catch (cause) {
    if (cause instanceof TypeError)
      throw new PypeError('FILE_UNREADABLE', `${file} is not a text in UTF-8.`, { hint: 'save it as UTF-8', cause })
    const code = systemCodeOf(cause)
    if (code === 'ENOENT')
      throw new PypeError('FILE_NOT_FOUND', `There is no ${noun} file ${file}.`, {
        hint: suggestPath(file, '.', isYamlName, noun === 'flow' ? 'check the path; a flow is one YAML file' : 'check the path'),
        cause,
      })
    throw new PypeError('FILE_UNREADABLE', `The ${noun} file ${file} cannot be read (${String(code)}).`, {
      hint: code === 'EISDIR' ? 'it is a folder; name the YAML file in it' : 'check its rights',
      cause,
    })
  }
}

function assembleFlow(root: FlowValue, source: SourceText, findings: Findings): Flow {
  const head = childOf(root, 'flow')
  const connections = childOf(root, 'connections')
  const settings = childOf(root, 'settings')
  const modules = loadModules(itemsOf(childOf(root, 'modules')), findings)
  const data = loadData(childOf(connections, 'data'), source, findings)
  const control = loadControl(childOf(connections, 'control'), source, findings)
  if (settings !== undefined) refuseInexact(settings, findings)
  checkDay(childOf(head, 'created'), findings)
  return {
    source,
    name: textOf(childOf(head, 'name')) ?? '',
    desc: textOf(childOf(head, 'desc')),
    version: textOf(childOf(head, 'version')) ?? '',
    authors: itemsOf(childOf(head, 'authors')).flatMap((author) => textOf(author) ?? []),
    created: textOf(childOf(head, 'created')) ?? '',
    settings: loadSettings(settings, findings),
    modules,
    modulesAreWhole: isAllOf(childOf(root, 'modules'), modules),
    data,
    control,
    dataIsWhole: isAllOf(childOf(connections, 'data'), data),
    controlIsWhole: isAllOf(childOf(connections, 'control'), control),
  }
}

/** The schema sees only whether it looks like a day. */
function checkDay(value: FlowValue | undefined, findings: Findings): void {
  const text = textOf(value)
  if (value === undefined || text === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return
  const day = new Date(`${text}T00:00:00Z`)
  if (Number.isNaN(day.getTime()) || !day.toISOString().startsWith(text))
    findings.error(
      'SCHEMA',
      value.at,
      `\`flow.created\` has to be a day as YYYY-MM-DD, and there is no day ${text}.`,
      'for example `created: "2025-01-15"`',
    )
}

function loadModules(items: readonly FlowValue[], findings: Findings): FlowModule[] {
  return items.flatMap((item) => {
    const id = childOf(item, 'id')
    const name = childOf(item, 'name')
    const text = textOf(id)
    if (id === undefined || text === undefined) return []
    const misc = childOf(item, 'misc')
    if (misc !== undefined) refuseInexact(misc, findings)
    return [
      { id: text, idAt: id.at, name: textOf(name), nameAt: name?.at ?? id.at, ...loadConfigs(childOf(item, 'configs'), findings), misc },
    ]
  })
}

/** Whether a list was read whole; one that is empty may be left without a value. */
function isAllOf(value: FlowValue | undefined, read: readonly unknown[]): boolean {
  if (value?.kind === 'list') return value.items.length === read.length
  return value?.kind === 'scalar' && value.value === null
}

function childOf(value: FlowValue | undefined, key: string): FlowValue | undefined {
  return value?.kind === 'map' ? value.entries.find((entry) => entry.key === key)?.value : undefined
}

function itemsOf(value: FlowValue | undefined): readonly FlowValue[] {
  return value?.kind === 'list' ? value.items : []
}

function textOf(value: FlowValue | undefined): string | undefined {
  return value?.kind === 'scalar' && typeof value.value === 'string' ? value.value : undefined
}
