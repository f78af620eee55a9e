// npm run lint: the import law with its controls, ESLint, and the format. Every finding is printed; any fails.
import { ESLint } from 'eslint';
import { lawProblems } from './forbidden-imports.mjs';
import { tagProblems } from './import-law.mjs';
import { binary, node24, root, run } from './set-up.mjs';

/** The projects as Nx sees them. This also writes the graph that the boundary rule reads; without it the rule is silent. */
async function nxProjects() {
  const { code, output } = await run(node24(), [binary('nx'), 'graph', '--print']);
  if (code !== 0) throw new Error(output);
  const { graph } = JSON.parse(output.slice(output.indexOf('{')));
  return Object.values(graph.nodes).map(({ name, data }) => ({ name, tags: data.tags }));
}

async function eslintProblems(eslint) {
  const results = await eslint.lintFiles(['.']);
  const formatter = await eslint.loadFormatter('stylish');
  const failed = results.some(({ errorCount, warningCount }) => errorCount + warningCount > 0);
  return failed ? [await formatter.format(results)] : [];
}

async function formatProblems() {
  const { code, output } = await run(node24(), [binary('prettier'), '--check', '.']);
  return code === 0 ? [] : [output];
}

const projects = await nxProjects();
const eslint = new ESLint({ cwd: root });
const problems = [
  ...tagProblems(projects),
  ...(tagProblems([{ name: 'control', tags: [] }]).length === 0 ? ['the check for untagged projects is blind'] : []),
  ...(await eslintProblems(eslint)),
  // After the real files: the type checker behind ESLint remembers the control's text in their place.
  ...(await lawProblems((text, options) => eslint.lintText(text, options))),
  ...(await formatProblems()),
];
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stdout.write(problems.length === 0 ? `lint: ${projects.length} projects, no findings\n` : '');
process.exitCode = problems.length === 0 ? 0 : 1;
