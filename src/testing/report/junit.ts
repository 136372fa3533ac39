import { groupBy } from '../../core/group-by.js'
import type { CaseResult } from '../testing.js'
import { formatFailure } from './format-case.js'
import { PLAIN_STYLE } from './report-style.js'

/** The results as JUnit XML, as Jenkins, GitLab and others read it: a suite for each test file. */
export function formatJunit(results: readonly CaseResult[]): string {
  const suites = [...groupBy(results, ({ file }) => file)].map(([file, cases]) => formatSuite(file, cases))
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="pype test" ${countsOf(results)}>`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n')
}

function formatSuite(file: string, cases: readonly CaseResult[]): string {
  return [`  <testsuite name="${escapeXml(file)}" ${countsOf(cases)}>`, ...cases.map(formatCase), '  </testsuite>'].join('\n')
}

function formatCase({ name, flow, file, at, seconds, status, reason, failures }: CaseResult): string {
  const head = `    <testcase name="${escapeXml(name)}" classname="${escapeXml(flow)}" file="${escapeXml(file)}" line="${at.line}" time="${seconds.toFixed(3)}"`
  if (status === 'passed' || status === 'updated') return `${head}/>`
  if (status === 'skipped') return `${head}>\n      <skipped message="${escapeXml(reason ?? '')}"/>\n    </testcase>`
  const [first] = failures
  const message = first === undefined ? '' : `${first.subject}: ${first.message.split('\n', 1)[0]}`
  const text = failures.flatMap((failure) => formatFailure(failure, PLAIN_STYLE)).join('\n')
  return `${head}>\n      <failure type="failure" message="${escapeXml(message)}">${escapeXml(text)}</failure>\n    </testcase>`
}

function countsOf(cases: readonly CaseResult[]): string {
  const count = (status: CaseResult['status']) => cases.filter((each) => each.status === status).length
  const seconds = cases.reduce((sum, each) => sum + each.seconds, 0)
  return `tests="${cases.length}" failures="${count('failed')}" errors="0" skipped="${count('skipped')}" time="${seconds.toFixed(3)}"`
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
