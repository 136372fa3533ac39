import pg from 'pg'
import type { ErrorCode } from '../../core/error-codes.js'
import { messageOf, PypeError } from '../../core/errors.js'
import type { Lease } from './lease.js'

/** Where a statement ran. */
interface Place {
  readonly label: string
  readonly lease: Lease
}

/** Why a statement failed. The error of the server is the cause; what came from elsewhere, from the bytes of a copy, stays as it is. */
export function explainFailure(error: unknown, { label, lease }: Place, text: string): Error {
  if (error instanceof PypeError) return error
  if (isLoss(error) || lease.isLost) {
    return new PypeError('DATABASE_UNREACHABLE', `The connection to ${label} was lost: ${messageOf(error)}.`, {
      hint: 'settings.retries tries again by itself, with a new connection',
      cause: error,
    })
  }
  if (error instanceof pg.DatabaseError) return explainAnswer(error, label, text)
  return error instanceof Error ? error : new Error(messageOf(error))
}

/** The texts of the driver when it finds its connection closed, and the codes of the system. */
const LOST = /^(Connection terminated|Client has encountered a connection error|Client was closed)/
const LOST_CODES = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'ENETRESET'])

function isLoss(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return error.severity === 'FATAL' || error.severity === 'PANIC'
  if (!(error instanceof Error)) return false
  return LOST.test(error.message) || ('syscall' in error && 'code' in error && LOST_CODES.has(String(error.code)) && !('path' in error))
}

function explainAnswer(error: pg.DatabaseError, label: string, text: string): PypeError {
  const { code, ...answer } = ANSWERS.find(({ states }) => error.code?.startsWith(states) ?? false) ?? OTHER
  const isCopied = /^COPY\b/.test(error.where ?? '')
  const hint = code === 'BAD_ROW' && !isCopied ? 'mend the value in the statement, or in the rows that it reads' : answer.hint
  const parts = [error.message, error.detail, (isCopied && whereInCopy(error, code)) || quoteLine(text, error.position)]
  const said = parts.filter((part) => part !== undefined && part !== '').map((part) => String(part).replace(/\.$/, ''))
  return new PypeError(code, `${label}: ${said.join('. ')}.`, {
    // Of its limits the server knows more.
    hint: (error.code?.startsWith(LIMIT) ? error.hint : undefined) ?? hint ?? error.hint,
    cause: error,
  })
}

/** SQLSTATEs of what is too large or too much. */
const LIMIT = '54'

/** The row of a copy. The server adds up to 1000 of them at once, and names the last one when it cannot. */
function whereInCopy({ where, code: state }: pg.DatabaseError, code: ErrorCode): string | undefined {
  if (state?.startsWith(LIMIT)) return where?.replace(', line ', ', at line ').concat(' or a little before it')
  return code === 'BAD_ROW' ? where : undefined
}

interface Answer {
  /** What the SQLSTATE begins with. */
  readonly states: string
  readonly code: ErrorCode
  readonly hint?: string
}

/** The first that fits is taken. The states are those of the manual's appendix A. */
const ANSWERS: readonly Answer[] = [
  { states: '23505', code: 'CONSTRAINT_VIOLATED', hint: 'mode: upsert replaces the rows that have the same keys' },
  { states: '23502', code: 'CONSTRAINT_VIOLATED', hint: 'give the column a value in the flow, or a default in the table' },
  { states: '23503', code: 'CONSTRAINT_VIOLATED', hint: 'write the table that is referred to in an earlier sub flow' },
  { states: '23', code: 'CONSTRAINT_VIOLATED' },
  { states: '21000', code: 'KEY_INVALID', hint: 'leave one row of each key' },
  { states: '22', code: 'BAD_ROW', hint: 'convert or filter the values before they are written, or change the type of the column' },
  { states: '25001', code: 'SQL_INVALID', hint: 'set transaction: false on this node: each of its statements then commits by itself' },
  { states: '42P01', code: 'TABLE_NOT_FOUND', hint: 'check the name, and the schema: names are case-sensitive' },
  { states: '3F000', code: 'TABLE_NOT_FOUND', hint: 'make the schema, or name another one' },
  { states: '42501', code: 'DATABASE_REFUSED', hint: 'let somebody grant the right to the user of the connection' },
  { states: '42', code: 'SQL_INVALID' },
  { states: '0A000', code: 'SQL_INVALID' },
  {
    states: LIMIT,
    code: 'DATABASE_FAILED',
    hint: 'PostgreSQL keeps a row in a page of 8 kB, where a number takes up to 8 bytes and a long text 18: write fewer columns, several tables, or a column of type jsonb',
  },
  { states: '40', code: 'DATABASE_FAILED', hint: 'another transaction was in the way; settings.retries tries again by itself' },
  { states: '55P03', code: 'DATABASE_FAILED', hint: 'another transaction holds the lock; settings.retries tries again by itself' },
  { states: '57014', code: 'DATABASE_FAILED', hint: 'raise statement_timeout, in the options of the connection for example' },
  { states: '25006', code: 'DATABASE_FAILED', hint: 'connect to the server that takes writes' },
]

const OTHER: Answer = { states: '', code: 'DATABASE_FAILED' }

/** The line of a statement that an error points at, by the count of characters from 1. */
function quoteLine(text: string, position: string | undefined): string | undefined {
  if (position === undefined) return undefined
  const before = [...text].slice(0, Number(position) - 1).join('')
  const start = before.lastIndexOf('\n') + 1
  const line = text.slice(start).split('\n', 1)[0]?.trim() ?? ''
  return `Line ${before.split('\n').length} of the statement: ${line.length > 200 ? `${line.slice(0, 200)}…` : line}`
}
