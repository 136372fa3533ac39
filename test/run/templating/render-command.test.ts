import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { Json } from '../../../src/core/json.js'
import { renderCommand } from '../../../src/run/templating/render-command.js'

/** Both are found as `sh` on machines of users. */
const SHELLS = ['/bin/dash', '/bin/bash'].filter((shell) => existsSync(shell))
const folder = mkdtempSync(path.join(tmpdir(), 'pype-shell-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function render(text: string, value: Json) {
  return renderCommand(text, () => ({ kind: 'json', value }))
}

/** What a shell prints for a command; it must leave no file behind. */
function play(shell: string, text: string, value: Json): string {
  const { text: command, variables } = render(text, value)
  const { stdout, stderr } = spawnSync(shell, ['-c', command], {
    argv0: 'sh',
    cwd: folder,
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', ...variables },
    encoding: 'utf8',
  })
  expect(readdirSync(folder)).toEqual([])
  return stdout + stderr
}

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...'\'"`$\\#*?~!&|;<>(){}[]=- \t\n\r'.split(''),
        '$(touch x)',
        '`touch x`',
        '${x:=y}',
        "$'\\n'",
        '$((1))',
        '\nEOF\n',
        '; touch x',
        '&& touch x',
        '-n',
        '../*',
        'ü',
        '😀',
        '\\n',
        '{{',
        'a[$(touch x)]',
      ),
      fc.string({ unit: 'grapheme', maxLength: 3 }),
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join('').replaceAll('\0', ''))

/** A piece of a shell text, and what a shell makes of it for the value `v`. */
interface Piece {
  readonly text: string
  readonly means: (v: string) => string
}

const fixed = (text: string, means: string): Piece => ({ text, means: () => means })
const value: Piece = { text: '{{context.v}}', means: (v) => v }

const join = (pieces: readonly Piece[]): Piece => ({
  text: pieces.map(({ text }) => text).join(''),
  means: (v) => pieces.map(({ means }) => means(v)).join(''),
})

const { word } = fc.letrec<{ word: Piece; part: Piece; quoted: Piece }>((tie) => ({
  word: fc.array(tie('part'), { minLength: 1, maxLength: 4 }).map(join),
  part: fc.oneof(
    { maxDepth: 2 },
    fc.constant(value),
    fc.constantFrom(
      fixed('a', 'a'),
      fixed("'it\"s $x `y` \\'", 'it"s $x `y` \\'),
      fixed('\\"', '"'),
      fixed("\\'", "'"),
      fixed('\\$', '$'),
      fixed('b#c', 'b#c'),
      fixed('${none:-d}', 'd'),
      fixed('$#', '0'),
      fixed("${none:-'}'}", '}'),
      fixed('$((1 + (2 << 3)))', '17'),
    ),
    fc.array(tie('quoted'), { maxLength: 4 }).map((pieces) => join([fixed('"', ''), ...pieces, fixed('"', '')])),
  ),
  quoted: fc.oneof(
    { maxDepth: 2 },
    fc.constant(value),
    fc.constantFrom(
      fixed("it's ", "it's "),
      fixed('\\"', '"'),
      fixed('\\\\.', '\\.'),
      fixed('\\$', '$'),
      fixed('# ', '# '),
      fixed('${none:-d}', 'd'),
      fixed('(', '('),
      fixed('$ ', '$ '),
    ),
    tie('word').map((inner) => join([fixed('$(printf %s. ', ''), inner, fixed(')', '.')])),
    tie('word').map((inner) => join([fixed('$( # a ) comment of {{context.v}}\n printf %s. ', ''), inner, fixed(' )', '.')])),
  ),
}))

const SHOW = 'show() { printf "%s|%s;" $# "$1"; }\n'
const shown = ({ text, means }: Piece, before = '', after = ''): Piece => ({
  text: `${before}show ${text}${after}\n`,
  means: (v: string) => `1|${means(v)};`,
})

const statement: fc.Arbitrary<Piece> = fc.oneof(
  word.map((piece) => shown(piece)),
  word.map((piece) => shown(piece, '( ', ' )')),
  word.map((piece) => shown(piece, '', " # it's a comment: {{context.v}}")),
  word.map(({ text, means }) => ({ text: `x=${text}; show "$x"\n`, means: (v: string) => `1|${means(v)};` })),
  word.map(({ text, means }) => ({ text: `for i in ${text}; do show "$i"; done\n`, means: (v: string) => `1|${means(v)};` })),
  word.map(({ text }) => ({ text: `case ${text} in ${text}) show y;; *) show n;; esac\n`, means: () => '1|y;' })),
  fc.constant({ text: 'cat <<EOF\nit\'s \\$x [{{context.v}}] "${none:-d}"\nEOF\n', means: (v: string) => `it's $x [${v}] "d"\n` }),
  fc.constant({ text: 'cat <<A; cat <<-B\n\'{{context.v}}\nA\n\t"{{context.v}}\n\tB\n', means: (v: string) => `'${v}\n"${v}\n` }),
  fc.constant({ text: "cat <<-'END'\n\tit's $x `\n\tEND\n", means: () => "it's $x `\n" }),
  fc.constant({ text: 'x=`printf %s. {{context.v}} "{{context.v}}"`; show "$x"\n', means: (v: string) => `1|${v}.${v}.;` }),
)

describe('a value in a command', () => {
  it.each(SHELLS)('is one word to %s wherever it stands, and nothing in it is run', (shell) => {
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 4 }).map(join), hostile, ({ text, means }, v) => {
        expect(play(shell, SHOW + text, v)).toBe(means(v))
      }),
      { numRuns: 400 },
    )
  })

  it('is a plain reference to a variable in the text', () => {
    expect(render('cp {{context.v}} "to/{{context.v}}" # {{context.v}}', 'a b')).toEqual({
      text: 'cp "${PYPE_VALUE_1}" "to/${PYPE_VALUE_1}" # ',
      variables: { PYPE_VALUE_1: 'a b' },
    })
  })

  it('has a variable that the text does not use itself', () => {
    expect(render('echo $PYPE_VALUE_1 {{context.v}}', 'x')).toEqual({
      text: 'echo $PYPE_VALUE_1 "${PYPE_VALUE__1}"',
      variables: { PYPE_VALUE__1: 'x' },
    })
  })

  it('is the command as a whole when nothing else stands there, and no code', () => {
    for (const shell of SHELLS) expect(play(shell, '{{context.v}}', 'touch x; echo y')).toMatch(/not found/)
  })

  it.each([
    ["echo '{{context.v}}'", 'single quotes'],
    ['echo "a" \'b {{context.v}}', 'single quotes'],
    ['echo "$(echo \'{{context.v}}\')"', 'single quotes'],
    ['echo ${x:-{{context.v}}}', '${…}'],
    ['echo "${x#{{context.v}}}"', '${…}'],
    ['echo $(({{context.v}} + 1))', 'arithmetic'],
    ['echo "$((1 + {{context.v}}))"', 'arithmetic'],
    ['echo $[{{context.v}}]', '$['],
    ['((x = {{context.v}}))', '(('],
    ['[[ 1 -eq {{context.v}} ]]', '[['],
    ['a[{{context.v}}]=1', 'brackets'],
    ['echo ${{context.v}}', 'directly behind a $'],
    ['echo "costs ${{context.v}}"', 'directly behind a $'],
    ["cat <<'EOF'\n{{context.v}}\nEOF", 'here-document'],
    ['cat <<\\EOF\n{{context.v}}\nEOF', 'here-document'],
    ['cat <<{{context.v}}\nx', 'end mark'],
    ['cat <<E{{context.v}}\nx', 'end mark'],
    ['cat <<EOF\n$(echo {{context.v}})\nEOF', 'here-document'],
    ["echo $'\\'' {{context.v}}", "$'…'"],
    ['echo "`echo {{context.v}}`"', 'backticks'],
    ["echo `echo \\\\'` {{context.v}} '", 'backticks'],
    ["x=$(case a in a) echo 'b';; esac) {{context.v}}", 'case'],
    ['echo "${x:-\'}\'}" {{context.v}}', '${…}'],
  ])('is refused where a shell does not keep it one word: %s', (text, where) => {
    expect(() => render(text, 'x')).toThrow(
      expect.objectContaining({ code: 'TEMPLATE_IN_COMMAND', message: expect.stringContaining(where), hint: expect.any(String) }),
    )
  })

  it('is taken again behind what was refused', () => {
    const text = 'echo \'a\' "$((1 + 2))" ${x:-y} [ -n z ] $(echo "b") `echo c` $$ "$?" {{context.v}}'
    expect(render(text, 'x').text).toBe(text.replace('{{context.v}}', '"${PYPE_VALUE_1}"'))
  })

  it('with a NUL is an error', () => {
    expect(() => render('echo {{context.v}}', 'a\0b')).toThrow(expect.objectContaining({ code: 'TEMPLATE_VALUE' }))
  })
})
