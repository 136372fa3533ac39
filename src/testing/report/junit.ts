import type { Diagnostic } from '../../core/errors.js'
import { groupBy } from '../../core/group-by.js'
import type { ReadFile } from '../plan/plan-tests.js'
import type { CaseResult } from '../testing.js'
import { formatFailure } from './format-case.js'
import { PLAIN_STYLE } from './report-style.js'

/**
 * The results as JUnit XML, as Jenkins, GitLab and others read it: a suite for each test file. With what the schema of Jenkins knows
 * (junit-10.xsd of its xUnit plugin), which refuses all else: no `skipped` at the top, no `file` and `line` of a case.
 */
export function formatJunit(results: readonly CaseResult[]): string {
  const suites = [...groupBy(results, ({ file }) => file)].map(([file, cases]) => formatSuite(file, cases))
  return formatSuites(`${countsOf(results)} ${timeOf(results)}`, suites)
}

/** Test files of which no case was run: each case is an error that says why. A file that cannot be read as one stands for its cases. */
export function formatRefusedJunit(files: readonly ReadFile[]): string {
  const cases = (names: number) => `tests="${names}" failures="0" errors="${names}"`
  const suites = files.map(({ file, tests, diagnostics }) => {
    const names = tests?.cases.map(({ name }) => name) ?? [file]
    const head = `name="${escapeXml(file)}" ${cases(names.length)} skipped="0" time="0" file="${escapeXml(file)}"`
    const error = formatError(diagnostics.filter(({ severity }) => severity === 'error'))
    const lines = names.map(
      (name) =>
        `    <testcase name="${escapeXml(name)}" classname="${escapeXml(tests?.flow ?? file)}" time="0">\n${error}\n    </testcase>`,
    )
    return [`  <testsuite ${head}>`, ...lines, '  </testsuite>'].join('\n')
  })
  const count = files.reduce((sum, { tests }) => sum + (tests?.cases.length ?? 1), 0)
  return formatSuites(`${cases(count)} time="0"`, suites)
}

function formatError(errors: readonly Diagnostic[]): string {
  const [first] = errors
  if (first === undefined) return '      <error type="not run" message="Not run: another test file, or its flow, is wrong."/>'
  const text = errors.map(({ code, message, hint, at }) => {
    const place = at === undefined ? '' : `${at.file}:${at.line}:${at.column}  `
    return `${place}${code}  ${message}${hint === undefined ? '' : `\n  hint: ${hint}`}`
  })
  return `      <error type="${first.code}" message="${escapeXml(first.message)}">${escapeXml(text.join('\n'))}</error>`
}

function formatSuites(head: string, suites: readonly string[]): string {
  return ['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites name="pype test" ${head}>`, ...suites, '</testsuites>', ''].join('\n')
}

function formatSuite(file: string, cases: readonly CaseResult[]): string {
  const skipped = cases.filter(({ status }) => status === 'skipped').length
  const head = `name="${escapeXml(file)}" ${countsOf(cases)} skipped="${skipped}" ${timeOf(cases)} file="${escapeXml(file)}"`
  return [`  <testsuite ${head}>`, ...cases.map(formatCase), '  </testsuite>'].join('\n')
}

function formatCase({ name, flow, seconds, status, reason, failures }: CaseResult): string {
  const head = `    <testcase name="${escapeXml(name)}" classname="${escapeXml(flow)}" time="${seconds.toFixed(3)}"`
  if (status === 'passed' || status === 'updated') return `${head}/>`
  if (status === 'skipped') return `${head}>\n      <skipped message="${escapeXml(reason ?? '')}"/>\n    </testcase>`
  const [first] = failures
  const message = first === undefined ? '' : `${first.subject}: ${first.message.split('\n', 1)[0]}`
  const text = failures.flatMap((failure) => formatFailure(failure, PLAIN_STYLE)).join('\n')
  return `${head}>\n      <failure type="failure" message="${escapeXml(message)}">${escapeXml(text)}</failure>\n    </testcase>`
}

function countsOf(cases: readonly CaseResult[]): string {
  const failed = cases.filter(({ status }) => status === 'failed').length
  return `tests="${cases.length}" failures="${failed}" errors="0"`
}

function timeOf(cases: readonly CaseResult[]): string {
  return `time="${cases.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3)}"`
}

/** XML 1.0 has no form at all for most control characters, nor for half of a surrogate pair. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
