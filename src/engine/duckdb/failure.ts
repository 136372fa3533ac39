import type { ErrorCode } from '../../core/error-codes.js'
import { messageOf, PypeError } from '../../core/errors.js'
import { suggestNearest } from '../../core/suggest.js'

/** What DuckDB says of an error with `errors_as_json`. */
interface EngineFailure {
  readonly exception_type: string
  readonly exception_message: string
  readonly candidates?: string
  readonly name?: string
  readonly error_subtype?: string
  /** In bytes, in the statement. */
  readonly position?: string
}

/** Begins what a statement says of a number that JSON does not have. */
export const NOT_IN_JSON = 'not in JSON: '

/** True when the database can no longer be used after this error. */
export function isFatal(error: unknown): boolean {
  const { exception_type } = readFailure(error)
  return exception_type === 'FATAL' || exception_type === 'INTERNAL'
}

/** Where in its statement an error of the engine lies, in bytes; undefined when it does not say. `error` is what {@link toPypeError} made of it. */
export function positionOf(error: PypeError): number | undefined {
  const thrown = error.cause instanceof Error ? error.cause.cause : undefined
  const { position } = readFailure(thrown ?? error.cause)
  return position === undefined ? undefined : Number(position)
}

/** A coded error for what the engine threw. */
export function toPypeError(error: unknown, statement?: string): PypeError {
  if (error instanceof PypeError) return error
  const failure = readFailure(error)
  const message = failure.exception_message.trim()
  const cause = statement === undefined ? error : new Error(`${message}\nin: ${statement}`, { cause: error })
  const csv = csvFailure(message, cause)
  if (csv !== undefined) return csv
  const record = /"maximum_object_size" of (\d+) bytes exceeded[^"]*(?:"([^"]*)")?/.exec(message)
  if (record !== null)
    return new PypeError(
      'BAD_ROW',
      `${record[2] ?? 'The file'} has a JSON record of more than ${record[1]} bytes, the most that can be read.`,
      {
        cause,
        hint: 'look for a bracket or a quote that is not closed, or split the record before',
      },
    )
  const type = /^Type with name (\S+) does not exist/.exec(message)?.[1]
  if (type !== undefined)
    return new PypeError('SQL_INVALID', `There is no type ${type}.`, {
      cause,
      hint: suggestNearest(type, TYPES.map(withoutParameters), `types are: ${TYPES.join(', ')}`),
    })
  const column = failure.error_subtype === 'COLUMN_NOT_FOUND' ? failure.name : undefined
  if (column !== undefined)
    return new PypeError('SQL_INVALID', `There is no column "${column}".`, {
      cause,
      hint: suggestion(failure) ?? 'check the SQL text of this node',
    })
  const [, one, other] = /^Cannot (?:compare|mix) values of type (\S+) and (?:type )?(\S+)/.exec(message) ?? []
  if (one !== undefined && other !== undefined)
    return new PypeError('SQL_INVALID', `${describeValues(one).replace(/^a/, 'A')} cannot be compared with ${describeValues(other)}.`, {
      cause,
      hint: 'bring both sides to one type: with CAST, or with the config types of a select_mod before',
    })
  if (message.includes(NOT_IN_JSON)) {
    return new PypeError(
      'BAD_ROW',
      `${message.slice(message.indexOf(NOT_IN_JSON) + NOT_IN_JSON.length)} is no number that JSON can hold.`,
      {
        cause,
        hint: 'make it NULL with derive_mod, for example "CASE WHEN isfinite(x) THEN x END", or keep such rows away with filter_mod',
      },
    )
  }
  const unknown = unknownName(message, failure, cause)
  if (unknown !== undefined) return unknown
  const [code, hint] = classify(failure, message)
  if (/^(No function matches|Could not choose a best candidate)/.test(message))
    return new PypeError(code, firstParagraph(message), {
      cause,
      hint: 'convert what is not of the right type with CAST, or choose another function',
    })
  return new PypeError(code, firstParagraph(message), { cause, hint: suggestion(failure) ?? hint })
}

/** A function or a table that there is not. */
function unknownName(message: string, failure: EngineFailure, cause: unknown): PypeError | undefined {
  const [, kind, name = ''] =
    /^(Scalar Function|Table Function|Aggregate Function|Function|Table) with name (\S+) does not exist!/.exec(message) ?? []
  if (kind === undefined) return undefined
  if (kind === 'Table')
    return new PypeError('SQL_INVALID', `There is no table "${name}".`, {
      cause,
      hint: 'the tables of a query are the inputs of its node, called like their ports',
    })
  // So the engine calls an operator behind its operand.
  const operator = /^(.+)__postfix$/.exec(name)?.[1]
  if (operator !== undefined)
    return new PypeError('SQL_INVALID', `Something is missing behind ${operator}.`, { cause, hint: 'mend the SQL text of this node' })
  return new PypeError('SQL_INVALID', `There is no function "${name}".`, {
    cause,
    hint: suggestNearest(name, [...USUAL_FUNCTIONS, ...listCandidates(failure)], 'the functions are those of DuckDB'),
  })
}

/** Functions that many flows use: the engine proposes some that few do, such as `fsum` for `smu`. */
const USUAL_FUNCTIONS = [
  ...['count', 'sum', 'avg', 'min', 'max', 'median', 'first', 'last', 'string_agg', 'list', 'coalesce', 'round', 'floor', 'ceil', 'abs'],
  ...['lower', 'upper', 'trim', 'length', 'replace', 'substring', 'concat', 'split_part', 'regexp_matches', 'regexp_replace'],
  ...['date_trunc', 'date_part', 'strptime', 'strftime', 'year', 'month', 'day', 'row_number', 'lag', 'lead'],
]

/** Values of a type of the engine, in words; it has types of its own for what is written out in SQL. */
function describeValues(type: string): string {
  if (type === 'INTEGER_LITERAL') return 'a number'
  return type === 'STRING_LITERAL' ? 'a text' : `a value of type ${type}`
}

/** The types that a user may mean by a name that the engine does not know. */
const TYPES = [
  ...['VARCHAR', 'INTEGER', 'BIGINT', 'DOUBLE', 'DECIMAL(18,2)', 'BOOLEAN', 'DATE', 'TIMESTAMP', 'TIMESTAMPTZ', 'TIME', 'JSON', 'UUID'],
  ...['TINYINT', 'SMALLINT', 'HUGEINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT', 'UHUGEINT', 'FLOAT', 'INTERVAL', 'BLOB', 'BIT'],
]

function withoutParameters(type: string): string {
  return type.replace(/\(.*/, '')
}

function readFailure(error: unknown): EngineFailure {
  const text = messageOf(error)
  const start = text.indexOf('{"exception_type"')
  if (start >= 0) {
    const parsed: unknown = parseJson(text.slice(start))
    if (isFailure(parsed)) return parsed
  }
  return { exception_type: 'Unknown', exception_message: text }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // Some messages carry raw control characters; the caller then shows the whole text.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function isFailure(value: unknown): value is EngineFailure {
  return typeof value === 'object' && value !== null && 'exception_type' in value && 'exception_message' in value
}

const FAILED_HINT = 'mend the expression in this node, or keep the values that it fails on away with filter_mod before it'

const BINDING = new Set(['Binder', 'Parser', 'Catalog', 'Syntax'])

function classify(failure: EngineFailure, message: string): [ErrorCode, string | undefined] {
  const type = failure.exception_type
  if (BINDING.has(type)) return ['SQL_INVALID', 'check the SQL text of this node against the columns that it gets']
  if (type === 'Out of Memory') {
    if (/temp.?_?directory|max_temp/i.test(message)) return ['DISK_FULL', 'free some space, or set settings.spill_dir to a larger disk']
    return ['OUT_OF_MEMORY', 'raise settings.memory_limit, or lower settings.threads']
  }
  if (type === 'FATAL' || type === 'INTERNAL') return ['ENGINE_LOST', 'run it again; if it happens again, please report it']
  if (type === 'IO' || type.startsWith('Invalid')) return classifyIo(message)
  return ['SQL_FAILED', FAILED_HINT]
}

function classifyIo(whole: string): [ErrorCode, string | undefined] {
  // A path says nothing of what is wrong, whatever words are in it.
  const message = whole.replace(/"[^"]*"/g, '""')
  // The system's limit on the size of a file, or a quota, is a full disk too.
  if (/No space left|disk is full|File too large|quota exceeded/i.test(message))
    return ['DISK_FULL', 'free some space, or write to another disk']
  if (/Malformed JSON/i.test(message)) return ['BAD_ROW', 'connect the reject port to keep going without such rows']
  if (
    /no magic bytes|too small to be a Parquet|Corrupt|corrupted|Failed to read Parquet|TProtocol|Truncated|metadata|footer|Snappy|ZSTD|unexpected end|GZIP|decompress|don't know what type|Invalid data/i.test(
      message,
    )
  ) {
    return ['FILE_CORRUPT', 'the file is cut off or is not of this format: get it again from where it came from']
  }
  if (/^(Could not write|Failed to (create|write))/i.test(message))
    return ['FILE_UNWRITABLE', 'check the rights of the file and of its folder, and the disk']
  if (/Permission denied/i.test(message)) return ['FILE_UNREADABLE', 'check the rights of the file and of its folders']
  if (/No such file|does not exist|No files found/i.test(message))
    return ['FILE_NOT_FOUND', 'check the path; relative paths start at the folder where pype run is called']
  if (/Expected .* in JSON|JSON/i.test(message)) return ['BAD_ROW', 'connect the reject port to keep going without such rows']
  return ['SQL_FAILED', FAILED_HINT]
}

const MIXED_ENDS = 'The lines of a CSV file end in different ways.'

/** True for an error of the engine's CSV reader that lines with different ends cause. */
export function hasMixedEnds(error: unknown): boolean {
  return error instanceof PypeError && error.message === MIXED_ENDS
}

/** CSV errors carry line and file in their text. */
function csvFailure(message: string, cause: unknown): PypeError | undefined {
  if (/CSV Parser state machine reached an invalid state/.test(message))
    return new PypeError('BAD_ROW', MIXED_ENDS, { cause, hint: 'give all lines the same end, and quote values that have one in them' })
  if (/Parallel CSV Reader currently does not support/.test(message))
    return new PypeError('BAD_ROW', 'A row of a CSV file is longer than the 32000000 bytes that can be read.', {
      cause,
      hint: 'look for a quote that is not closed',
    })
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1]
  if (line === undefined) return undefined
  const raw = /Original Line: (.*)/.exec(message)?.[1] ?? ''
  const file = /^\s*file = (.*)$/m.exec(message)?.[1] ?? 'the file'
  const what = /Original Line: .*\n([\s\S]*?)\n/.exec(message)?.[1] ?? firstParagraph(message)
  return new PypeError('BAD_ROW', `${file}, line ${line}: ${csvFault(what, message)} The line is: ${clip(raw)}`, {
    cause,
    hint: /unicode|utf-8/i.test(message)
      ? 'set the config encoding (utf-8 unless it is set) to that of the file, or connect the reject port'
      : 'mend the file, or connect the reject port to keep going without such rows',
  })
}

function csvFault(what: string, message: string): string {
  const size = /Maximum line size of (\d+) bytes exceeded/.exec(message)
  if (size) return `the row is longer than ${size[1]} bytes, the most that can be read.`
  const columns = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message)
  if (columns) return `expected ${columns[1]} columns, got ${columns[2]}.`
  if (/unterminated quote/i.test(message)) return 'a quoted value is not closed.'
  if (/unicode|utf-8/i.test(message)) return 'the text is not valid in the encoding of the file.'
  return `${what.trim().replace(/\.$/, '')}.`
}

function listCandidates({ candidates }: EngineFailure): string[] {
  return candidates?.split(',').map((candidate) => candidate.trim().split('.').at(-1) ?? '') ?? []
}

function suggestion(failure: EngineFailure): string | undefined {
  const { name } = failure
  const list = listCandidates(failure)
  if (list.length === 0 || name === undefined) return undefined
  return suggestNearest(name, list, `known are: ${list.slice(0, 20).join(', ')}`)
}

function firstParagraph(message: string): string {
  return (
    message
      .split(/\n\s*\n|\nLINE |\nDid you mean |\n\s*Candidate functions|\s+You might need to add explicit|\s+In order to select one/)[0]
      ?.trim() ?? message
  )
}

/** A text of the user's in a message: its beginning. */
export function clip(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
