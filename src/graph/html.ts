import { describeFlow } from './describe.js'
import type { Drawing } from './drawing.js'
import { escapeXml } from './svg/escape-xml.js'
import { renderSvg } from './svg/svg.js'

/** One page with the picture, a list of the nodes, and what is known of each. It needs no network. */
export async function renderHtml(drawing: Drawing): Promise<string> {
  const svg = await renderSvg(drawing)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeXml(describeFlow(drawing))}</title>
<style>
${STYLE}
</style>
<aside>
<input type="search" placeholder="Find a node" aria-label="Find a node">
<ul>
${drawing.nodes.map(({ node, progress }) => `<li data-node="${node.id}"><b>${escapeXml(node.id)}</b> <span>${escapeXml(progress === undefined ? node.module : `${node.module}, ${progress.status}`)}</span></li>`).join('\n')}
</ul>
<pre hidden></pre>
</aside>
<main>
${svg}</main>
<nav><button data-zoom="1.25" aria-label="larger">+</button><button data-zoom="0.8" aria-label="smaller">−</button><button data-fit aria-label="all of it">fit</button></nav>
<script>
${SCRIPT}
</script>
</html>
`
}

const STYLE = `:root { color-scheme: light dark; --page: #fff; --text: #1f2328; --muted: #59636e; --line: #d1d9e0; --mark: #ddf4ff }
@media (prefers-color-scheme: dark) { :root { --page: #0d1117; --text: #f0f6fc; --muted: #a5afba; --line: #3d444d; --mark: #0c2d56 } }
* { box-sizing: border-box }
body { margin: 0; height: 100vh; display: flex; overflow: hidden; background: var(--page); color: var(--text); font: 13px ui-sans-serif, system-ui, sans-serif }
aside { width: 260px; flex: none; display: flex; flex-direction: column; border-right: 1px solid var(--line) }
aside input { margin: 10px; padding: 6px 8px; font: inherit }
aside ul { margin: 0; padding: 0; list-style: none; overflow: auto; flex: 1 }
aside li { padding: 4px 12px; cursor: pointer; overflow-wrap: anywhere }
aside li span { color: var(--muted) }
aside li:hover, aside li.chosen { background: var(--mark) }
aside pre { margin: 0; padding: 10px 12px; border-top: 1px solid var(--line); white-space: pre-wrap; overflow-wrap: anywhere; max-height: 40vh; overflow: auto; font: inherit }
main { flex: 1; overflow: hidden; position: relative; cursor: grab; touch-action: none }
main svg { position: absolute; transform-origin: 0 0; max-width: none }
main svg .node { cursor: pointer }
main svg .node.chosen .shape { stroke-width: 4 }
nav { position: fixed; right: 12px; bottom: 12px }
nav button { font: inherit; min-width: 32px; padding: 4px 8px; margin-left: 4px }
@media (max-width: 700px) { aside { display: none } }`

/** Wheel and buttons zoom, dragging moves, and a node that is chosen on one side is shown on the other. */
const SCRIPT = `const main = document.querySelector('main'), svg = main.querySelector('svg'), details = document.querySelector('pre')
const width = svg.width.baseVal.value, height = svg.height.baseVal.value
let scale = 1, x = 0, y = 0, held
const show = () => { svg.style.transform = 'translate(' + x + 'px,' + y + 'px) scale(' + scale + ')' }
const zoom = (factor, at, top) => {
  const next = Math.min(4, Math.max(0.05, scale * factor))
  x = at - (at - x) * next / scale
  y = top - (top - y) * next / scale
  scale = next
  show()
}
const fit = () => {
  scale = Math.min(1, main.clientWidth / width, main.clientHeight / height)
  x = (main.clientWidth - width * scale) / 2
  y = Math.max(0, (main.clientHeight - height * scale) / 2)
  show()
}
const choose = (id, centre) => {
  for (const each of document.querySelectorAll('.chosen')) each.classList.remove('chosen')
  const item = document.querySelector('li[data-node="' + id + '"]'), node = svg.querySelector('[data-node="' + id + '"]')
  item.classList.add('chosen')
  node.classList.add('chosen')
  details.hidden = false
  details.textContent = node.querySelector('title').textContent
  item.scrollIntoView({ block: 'nearest' })
  if (!centre) return
  scale = Math.max(scale, 0.8)
  show()
  const frame = main.getBoundingClientRect(), found = node.getBoundingClientRect()
  x += frame.x + frame.width / 2 - found.x - found.width / 2
  y += frame.y + frame.height / 2 - found.y - found.height / 2
  show()
}
main.addEventListener('wheel', (event) => {
  event.preventDefault()
  const frame = main.getBoundingClientRect()
  zoom(Math.exp(-event.deltaY / 400), event.clientX - frame.x, event.clientY - frame.y)
}, { passive: false })
main.addEventListener('pointerdown', (event) => { held = { x: event.clientX - x, y: event.clientY - y, from: [event.clientX, event.clientY], node: event.target.closest('.node') } ; main.setPointerCapture(event.pointerId) })
main.addEventListener('pointermove', (event) => { if (held) { x = event.clientX - held.x; y = event.clientY - held.y; show() } })
main.addEventListener('pointerup', (event) => {
  const isClick = held && Math.hypot(event.clientX - held.from[0], event.clientY - held.from[1]) < 4
  if (isClick && held.node) choose(held.node.dataset.node, false)
  held = undefined
})
main.addEventListener('pointercancel', () => { held = undefined })
document.querySelector('nav').addEventListener('click', ({ target }) => {
  if ('fit' in target.dataset) fit()
  else if (target.dataset.zoom) zoom(Number(target.dataset.zoom), main.clientWidth / 2, main.clientHeight / 2)
})
document.querySelector('ul').addEventListener('click', ({ target }) => { const item = target.closest('li'); if (item) choose(item.dataset.node, true) })
document.querySelector('input').addEventListener('input', ({ target }) => {
  for (const item of document.querySelectorAll('li')) item.hidden = !item.textContent.toLowerCase().includes(target.value.toLowerCase())
})
addEventListener('resize', fit)
fit()`
