import { describe, expect, it } from '@jest/globals';

type Verdict = (output: string) => { text: string; code: number };
const { auditVerdict } = (await import(new URL('../../tools/audit-verdict.mjs', import.meta.url).href)) as {
  auditVerdict: Verdict;
};
const hole = (name: string, severity: string) => ({ [name]: { name, severity } });
const report = (...holes: object[]) => JSON.stringify({ vulnerabilities: Object.assign({}, ...holes) as object });

describe('npm run audit', () => {
  it.each(['high', 'critical'])('stops for a hole that is %s, and names what has it', (severity) => {
    const verdict = auditVerdict(report(hole('good', 'low'), hole('bad', severity)));
    expect(verdict).toEqual({ text: `audit: bad (${severity}); npm audit says more`, code: 1 });
  });

  it('goes on with lesser ones and with none, and says how many', () => {
    expect(auditVerdict(report(hole('a', 'moderate')))).toMatchObject({
      code: 0,
      text: expect.stringMatching(/ 1 lesser$/),
    });
    expect(auditVerdict(report())).toMatchObject({ code: 0, text: expect.stringMatching(/ 0 lesser$/) });
  });

  it.each(['', 'npm error', '{"message":"405 Method Not Allowed"}'])(
    'never calls clean what was not checked: %j',
    (output) => {
      expect(auditVerdict(output)).toMatchObject({ code: 0, text: expect.stringContaining('NOTHING WAS CHECKED') });
    },
  );
});
