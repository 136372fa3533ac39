import type { ModuleType, ValveType } from '../../core/dag.js'
import type { ProgressStatus } from '../../core/run-progress.js'

/** Colours of a shape: inside, edge, and of the text in it. */
interface Paint {
  readonly fill: string
  readonly line: string
}

interface Colours {
  readonly page: string
  readonly text: string
  readonly muted: string
  readonly frame: string
  readonly frameLine: string
  readonly loop: string
  readonly loopLine: string
  readonly types: { readonly [type in ModuleType]: Paint }
  readonly statuses: { readonly [status in ProgressStatus]: Paint }
  readonly rows: string
  readonly valves: { readonly [type in ValveType]: string }
}

const LIGHT: Colours = {
  page: '#ffffff',
  text: '#1f2328',
  muted: '#59636e',
  frame: '#f6f8fa',
  frameLine: '#d1d9e0',
  loop: '#fbf8ff',
  loopLine: '#b99aff',
  types: {
    source: { fill: '#ddf4ff', line: '#0969da' },
    mod: { fill: '#ffffff', line: '#6e7781' },
    sink: { fill: '#dafbe1', line: '#1a7f37' },
    solo: { fill: '#fff1e5', line: '#bc4c00' },
  },
  statuses: {
    completed: { fill: '#dafbe1', line: '#1a7f37' },
    failed: { fill: '#ffdce0', line: '#cf222e' },
    skipped: { fill: '#eaeef2', line: '#818b98' },
    blocked: { fill: '#fff1e5', line: '#bc4c00' },
    cancelled: { fill: '#fff8c5', line: '#9a6700' },
    running: { fill: '#ddf4ff', line: '#0969da' },
    killed: { fill: '#fbefff', line: '#8250df' },
    'not begun': { fill: '#ffffff', line: '#b7bfc7' },
  },
  rows: '#424a53',
  valves: { normal: '#6e7781', iterate: '#8250df', start: '#0a7d8c', error: '#cf222e', done: '#9a6700' },
}

const DARK: Colours = {
  page: '#0d1117',
  text: '#f0f6fc',
  muted: '#a5afba',
  frame: '#151b23',
  frameLine: '#3d444d',
  loop: '#15122a',
  loopLine: '#8060c8',
  types: {
    source: { fill: '#0c2d56', line: '#4493f8' },
    mod: { fill: '#212830', line: '#9198a1' },
    sink: { fill: '#0f3320', line: '#3fb950' },
    solo: { fill: '#422006', line: '#db8a3a' },
  },
  statuses: {
    completed: { fill: '#0f3320', line: '#3fb950' },
    failed: { fill: '#5c1a1b', line: '#f85149' },
    skipped: { fill: '#262c36', line: '#7d8590' },
    blocked: { fill: '#422006', line: '#db8a3a' },
    cancelled: { fill: '#3b2e04', line: '#d4a72c' },
    running: { fill: '#0c2d56', line: '#4493f8' },
    killed: { fill: '#341a5e', line: '#ab7df8' },
    'not begun': { fill: '#0d1117', line: '#565e68' },
  },
  rows: '#c3ccd5',
  valves: { normal: '#9198a1', iterate: '#ab7df8', start: '#3fc1cf', error: '#f85149', done: '#d4a72c' },
}

/** The style sheet of a picture: light, and dark where who looks at it prefers that. */
export function writeStyle(): string {
  return `${LAYOUT}\n${writeColours(LIGHT)}\n@media (prefers-color-scheme: dark) {\n${writeColours(DARK)}\n}`
}

/** A word of a class: `not begun` is `not-begun`. */
export function classOf(word: string): string {
  return word.replace(' ', '-')
}

const LAYOUT = `text { font-family: ui-sans-serif, system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; font-size: 11px }
.title { font-size: 15px; font-weight: 600 }
.id { font-size: 13px; font-weight: 600 }
.middle { text-anchor: middle }
.shape { stroke-width: 1.4 }
.failed .shape, .running .shape { stroke-width: 2.2 }
.not-begun .shape, .skipped .shape { stroke-dasharray: 4 3 }
.frame { stroke-width: 1 }
.loop { stroke-width: 1.4; stroke-dasharray: 7 4 }
.way { fill: none; stroke-width: 1.5 }
.boundary .way { stroke-width: 3 }
.control .way { stroke-dasharray: 6 4 }
.start .way { stroke-dasharray: 2 4; stroke-width: 2 }
.iterate .way { stroke-width: 2.2 }
.not-taken { opacity: 0.5 }
.caption, .halo { paint-order: stroke; stroke-width: 4px; stroke-linejoin: round }`

function writeColours(colours: Colours): string {
  const rules = [
    `.page { fill: ${colours.page} }`,
    `text { fill: ${colours.text} }`,
    `.small { fill: ${colours.muted} }`,
    `.frame { fill: ${colours.frame}; stroke: ${colours.frameLine} }`,
    `.halo { stroke: ${colours.page} }`,
    `.frame-caption { stroke: ${colours.frame} }`,
    `.loop-caption { stroke: ${colours.loop} }`,
    `.loop { fill: ${colours.loop}; stroke: ${colours.loopLine} }`,
    ...Object.entries(colours.types).map(([type, paint]) => writePaint(`.${type} .shape`, paint)),
    ...Object.entries(colours.statuses).map(([status, paint]) => writePaint(`.${classOf(status)} .shape`, paint)),
    ...Object.entries(colours.statuses).map(([status, { line }]) => `.frame.${classOf(status)} { stroke: ${line} }`),
    writeWay('data', colours.rows),
    ...Object.entries(colours.valves).map(([type, line]) => writeWay(type, line)),
  ]
  return rules.join('\n')
}

function writePaint(selector: string, { fill, line }: Paint): string {
  return `${selector} { fill: ${fill}; stroke: ${line} }`
}

function writeWay(name: string, line: string): string {
  return `.${name} .way { stroke: ${line} } .tip-${name} { fill: ${line} } .${name} .small { fill: ${line} }`
}
