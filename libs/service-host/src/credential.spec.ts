import { describe, expect, it } from '@jest/globals';
import { readCredential, ticketInProtocols } from './credential.ts';

const key = (text: string) => ({ kind: 'key', text });
const ticket = (text: string) => ({ kind: 'ticket', text });

describe('readCredential', () => {
  it.each([
    ['a bearer token', { authorization: 'Bearer rck_a' }, undefined, key('rck_a')],
    ['the scheme in any case', { authorization: 'bearer  rck_a' }, undefined, key('rck_a')],
    ['the header x-api-key', { 'x-api-key': 'rck_b' }, undefined, key('rck_b')],
    [
      'the bearer token before the header',
      { authorization: 'Bearer rck_a', 'x-api-key': 'rck_b' },
      undefined,
      key('rck_a'),
    ],
    [
      'the header where authorization is of another scheme',
      { authorization: 'Basic eA==', 'x-api-key': 'rck_b' },
      undefined,
      key('rck_b'),
    ],
    ['the query where it is passed', {}, { 'x-api-key': 'rck_c' }, key('rck_c')],
    ['the other spelling in the query', {}, { api_key: 'rck_d' }, key('rck_d')],
    ['the header before the query', { 'x-api-key': 'rck_b' }, { 'x-api-key': 'rck_c' }, key('rck_b')],
    ['a ticket in the query', {}, { ticket: 'rct_e' }, ticket('rct_e')],
    ['the header before a ticket', { 'x-api-key': 'rck_b' }, { ticket: 'rct_e' }, key('rck_b')],
    ['a ticket in a header where the query is passed', { authorization: 'Bearer rct_e' }, {}, ticket('rct_e')],
    ['a view in a header where the query is passed', { 'x-api-key': 'rcv_f' }, {}, ticket('rcv_f')],
    ['a ticket in a header anywhere else as a key', { authorization: 'Bearer rct_e' }, undefined, key('rct_e')],
    ['a ticket before a key in the query', {}, { ticket: 'rct_e', api_key: 'rck_d' }, ticket('rct_e')],
  ])('reads %s', (_name, headers, query, expected) => {
    expect(readCredential(headers, query)).toEqual(expected);
  });

  it.each([
    ['nothing', {}, {}],
    ['an empty key', { 'x-api-key': '' }, {}],
    ['Bearer without a token', { authorization: 'Bearer ' }, {}],
    ['two tokens in one header', { authorization: 'Bearer a b' }, {}],
    ['a parameter given twice', {}, { api_key: ['a', 'b'] }],
    ['a ticket given twice', {}, { ticket: ['a', 'b'] }],
    ['a key longer than any credential', { 'x-api-key': 'x'.repeat(8_193) }, {}],
  ])('finds no key in %s', (_name, headers, query) => {
    expect(readCredential(headers, query)).toBeUndefined();
  });
});

describe('ticketInProtocols', () => {
  it.each([
    ['beside our protocol', 'runcast, runcast.ticket.rct_a-B_9', ticket('rct_a-B_9')],
    ['alone', 'runcast.ticket.rct_a', ticket('rct_a')],
  ])('finds the ticket %s', (_name, header, expected) => {
    expect(ticketInProtocols(header)).toEqual(expected);
  });

  it.each([[undefined], [''], ['runcast'], ['runcast.ticket.'], ['runcast.ticket.a/b'], ['other.ticket.a']])(
    'finds none in %j',
    (header) => {
      expect(ticketInProtocols(header)).toBeUndefined();
    },
  );
});
