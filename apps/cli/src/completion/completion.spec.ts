import { execFileSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { completionScript } from './completion.ts';

const commands = [
  new Command('tail')
    .description("show a run, as it's told")
    .option('--since <duration>', 'from when')
    .option('--json'),
  new Command('keys').addCommand(new Command('list')).addCommand(new Command('revoke')),
];

/** What a real bash offers for the words typed so far. */
function offered(...typed: string[]): string[] {
  const words = ['runcast', ...typed].map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(${words}); COMP_CWORD=${typed.length}; _runcast; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync('bash', ['-c', `${completionScript('bash', 'runcast', commands)}\n${ask}`]);
  return output.toString().split('\n').filter(Boolean);
}

describe('The completion of bash', () => {
  it.each([
    [[''], ['tail', 'keys', '--help']],
    [['ta'], ['tail']],
    [['tail', '--s'], ['--since']],
    [
      ['keys', ''],
      ['list', 'revoke', '--help'],
    ],
    [['tail', 'x'], []],
  ])('offers for %j: %j', (typed, expected) => expect(offered(...typed)).toEqual(expected));
});

it('is the same for zsh, through its own bash completion', () => {
  expect(completionScript('zsh', 'runcast', commands)).toContain('bashcompinit\n_runcast()');
});

it('tells fish what each command is for, quotes included', () => {
  const script = completionScript('fish', 'runcast', commands);
  expect(script).toContain(`-a tail -d 'show a run, as it\\'s told'`);
  expect(script).toContain(`'__fish_seen_subcommand_from tail' -l since -d 'from when'`);
});
