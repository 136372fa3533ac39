import { groupBy } from '../../core/group-by.js'
import type { CaseResult } from '../testing.js'
import { formatFailure } from './format-case.js'
import { PLAIN_STYLE } from './report-style.js'

/**
 * The results as JUnit XML, as Jenkins, GitLab and others read it: a suite for each test file. With what the schema of Jenkins knows
 * (junit-10.xsd of its xUnit plugin), which refuses all else: no `skipped` at the top, no `file` and `line` of a case.
 */
export function formatJunit(results: readonly CaseResult[]): string {
  const suites = [...groupBy(results, ({ file }) => file)].map(([file, cases]) => formatSuite(file, cases))
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="pype test" ${countsOf(results)} ${timeOf(results)}>`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n')
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
