/** A flow called `flow` whose only node, `work`, runs a command; `env` is YAML. */
export function shellFlow({ env, command }: { readonly env: string; readonly command: string }): string {
  return [
    'flow: { name: flow, version: 1.0.0, authors: [me], created: "2026-01-15" }',
    'modules:',
    `  - { id: work, name: shell, configs: { command: ${JSON.stringify(command)}, env: ${env} } }`,
    'connections: { data: [], control: [] }',
    '',
  ].join('\n')
}
