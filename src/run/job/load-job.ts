import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import type { ErrorObject } from 'ajv'
import { type BuiltMetadata, type Dag, JOB_SCHEMA_VERSION } from '../../core/dag.js'
import { messageOf, PypeError } from '../../core/errors.js'
import { hashText } from '../../core/text-hash.js'
import { loadSchemaCheck } from '../../registry/schema-check.js'
import { checkJob } from './check-job.js'
import { collectEarly } from './heap-growth.js'

/** A job folder, read and checked. */
export interface Job {
  /** Absolute. */
  readonly folder: string
  readonly name: string
  readonly dag: Dag
  readonly metadata: BuiltMetadata
}

const DAG_SUFFIX = '_dag.json'

/** Reads a job folder. Throws JOB_INVALID or JOB_VERSION, both with the way to build it again. */
export function loadJob(folder: string): Job {
  const name = findJobName(folder)
  const dagFile = path.join(folder, `${name}${DAG_SUFFIX}`)
  const metadataFile = path.join(folder, `${name}_execution_metadata.json`)
  const dagText = readText(dagFile)
  const dag = parseJson(dagText, dagFile)
  const metadata = parseJson(readText(metadataFile), metadataFile)
  checkVersion(dag, dagFile)
  checkVersion(metadata, metadataFile)
  const isDag = loadSchemaCheck<Dag>('dag')
  if (!isDag(dag)) throw invalid(dagFile, describe(isDag.errors))
  collectEarly(dag.nodes.length)
  const isMetadata = loadSchemaCheck<BuiltMetadata>('execution-metadata')
  if (!isMetadata(metadata)) throw invalid(metadataFile, describe(isMetadata.errors))
  if (hashText(dagText) !== metadata.built.dag) throw mixed(dagFile, metadataFile)
  const fault = checkJob(dag, metadata)
  if (fault !== undefined) throw invalid(dagFile, fault)
  return { folder, name, dag, metadata }
}

/** The name of the job in a folder. Throws FILE_NOT_FOUND and JOB_INVALID. */
export function findJobName(folder: string): string {
  if (!existsSync(folder)) {
    throw new PypeError('FILE_NOT_FOUND', `There is no job folder ${folder}.`, {
      hint: 'build the flow first: `pype build FLOW.yaml` prints the folder; `pype run NAME` looks for jobs/NAME too',
    })
  }
  if (/\.ya?ml$/.test(folder) && statSync(folder).isFile())
    throw new PypeError('JOB_INVALID', `${folder} is a flow file; a job folder is expected.`, {
      hint: `build it first: \`pype build ${path.basename(folder)}\` prints the job folder, for \`pype run\``,
    })
  const names = listFolder(folder).filter((file) => file.endsWith(DAG_SUFFIX))
  const [name] = names
  if (name !== undefined && names.length === 1) return name.slice(0, -DAG_SUFFIX.length)
  const found = names.length === 0 ? 'it has no <name>_dag.json' : `it has several: ${names.join(', ')}`
  throw new PypeError('JOB_INVALID', `${folder} is not a job folder: ${found}.`, { hint: 'give the folder that `pype build` printed' })
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    throw new PypeError('JOB_INVALID', `${folder} is not a job folder that can be read.`, {
      hint: 'give the folder that `pype build` printed',
      cause: error,
    })
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw invalid(file, messageOf(error), error)
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw invalid(file, `it is not whole JSON (${messageOf(error)})`, error)
  }
}

/** Before the shape is checked: a file of another version has another shape. */
function checkVersion(content: unknown, file: string): void {
  const version = typeof content === 'object' && content !== null && 'schema_version' in content ? content.schema_version : undefined
  if (typeof version !== 'number' || version === JOB_SCHEMA_VERSION) return
  const which = version > JOB_SCHEMA_VERSION ? 'a newer' : 'an older'
  throw new PypeError(
    'JOB_VERSION',
    `${file} was built by ${which} version of pype (format ${version}; this one reads ${JOB_SCHEMA_VERSION}).`,
    {
      hint: 'build the flow again with this version: `pype build FLOW.yaml`',
    },
  )
}

function describe(errors: readonly ErrorObject[] | null | undefined): string {
  const [first] = errors ?? []
  return first === undefined
    ? 'it does not fit its schema'
    : `${first.instancePath === '' ? 'it' : first.instancePath} ${first.message ?? 'does not fit its schema'}`
}

/** A build puts its files in place one after the other. */
function mixed(dagFile: string, metadataFile: string): PypeError {
  return new PypeError('JOB_INVALID', `${dagFile} and ${path.basename(metadataFile)} are not of one build, or one of them was edited.`, {
    hint: 'a build was broken off, or is going on: build the flow again with `pype build FLOW.yaml`; job folders are not edited by hand',
  })
}

function invalid(file: string, what: string, cause?: unknown): PypeError {
  return new PypeError('JOB_INVALID', `${file} is not what a build wrote: ${what}.`, {
    hint: 'job folders are not edited by hand: change the flow and build it again with `pype build FLOW.yaml`',
    cause,
  })
}
