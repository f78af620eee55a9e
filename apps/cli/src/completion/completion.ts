import type { Command } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A script that completes the commands and options of the tool, made from the commands themselves. */
export function completionScript(shell: Shell, name: string, commands: readonly Command[]): string {
  const entries = commands.map((command) => ({ name: command.name(), words: wordsOf(command) }));
  return shell === 'fish' ? fishScript(name, commands) : bashScript(shell, name, entries);
}

function wordsOf(command: Command): string {
  const options = command.options.flatMap(({ long }) => (long == null ? [] : [long]));
  return [...command.commands.map((each) => each.name()), ...options, '--help'].join(' ');
}

function bashScript(shell: Shell, name: string, entries: readonly { name: string; words: string }[]): string {
  const cases = entries.map((entry) => `    ${entry.name}) words='${entry.words}' ;;`).join('\n');
  return `${shell === 'zsh' ? 'autoload -U +X bashcompinit && bashcompinit\n' : ''}_${name}() {
  local words='${entries.map((entry) => entry.name).join(' ')} --help'
  [ "$COMP_CWORD" -gt 1 ] && case "\${COMP_WORDS[1]}" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _${name} ${name}
`;
}

function fishScript(name: string, commands: readonly Command[]): string {
  const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap((command) => [
    `complete -c ${name} -n __fish_use_subcommand -f -a ${command.name()} -d ${quoted(command.description())}`,
    ...command.options.flatMap(({ long, description }) =>
      long == null
        ? []
        : [
            `complete -c ${name} -n '__fish_seen_subcommand_from ${command.name()}' -l ${long.slice(2)} -d ${quoted(description)}`,
          ],
    ),
  ]);
  return `${lines.join('\n')}\n`;
}
