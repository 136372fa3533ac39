/** A shell for which there is a script. */
export type Shell = 'bash' | 'zsh' | 'fish'

/*
 * Each script hands the words up to the cursor to `pype complete`. Its first line is `:files` (the shell completes a path) or `:words`; then
 * comes a candidate per line, with its description behind a tab. Nothing that was typed is evaluated. bash 3.2, which macOS has, is
 * enough: it lacks compopt, and does without what that would say.
 */

/** What a shell reads, in its start file or from a folder of completions. */
export const SCRIPTS: { readonly [shell in Shell]: string } = {
  bash: `# bash completion for pype
_pype_complete() {
  local line kind='' value
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ -z $kind ]]; then kind=$line; continue; fi
    value=\${line%%$'\\t'*}
    COMPREPLY+=("$(printf '%q' "$value")")
  done < <("$1" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ $kind == :words ]]; then
    compopt +o default 2>/dev/null
    # A folder, or a name before its value, is not the end of a word.
    if [[ \${#COMPREPLY[@]} -eq 1 && ( \${COMPREPLY[0]} == */ || \${COMPREPLY[0]} == *= ) ]]; then compopt -o nospace 2>/dev/null; fi
  fi
}
complete -o default -F _pype_complete pype
`,
  zsh: `#compdef pype
# zsh completion for pype
_pype() {
  local line kind='' value
  local -a whole begun
  while IFS= read -r line; do
    if [[ -z $kind ]]; then kind=$line; continue; fi
    value=\${\${line%%$'\\t'*}//:/\\\\:}
    if [[ $line == *$'\\t'* ]]; then value+=":\${line#*$'\\t'}"; fi
    if [[ \${line%%$'\\t'*} == *[/=] ]]; then begun+=("$value"); else whole+=("$value"); fi
  done < <("\${(Q)words[1]}" complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  if [[ $kind == :files ]]; then _files; return; fi
  (( \${#whole} )) && _describe -V pype whole
  (( \${#begun} )) && _describe -V pype begun -S ''
  (( \${#whole} + \${#begun} ))
}
if [[ \${funcstack[1]} == _pype ]]; then _pype "$@"; else compdef _pype pype; fi
`,
  fish: `# fish completion for pype
function __pype_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l found ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null)
    if test "$found[1]" = :files
        __fish_complete_path "$current"
    else
        for line in $found[2..-1]
            echo -- $line
        end
    end
end
complete -c pype -f -a '(__pype_complete)'
`,
}
