import { z } from 'zod';
import { url } from './values.ts';
import type { JwtSettings } from '../jwt-verifier.ts';
import { isOrigin } from '../origins.ts';

/** What every service that takes requests from outside reads besides. */
export const accessVariables = {
  RUNCAST_ALLOWED_ORIGINS: z
    .string()
    .refine(
      (text) => originsIn(text).every(isOrigin),
      'expected origins such as https://app.example.com, separated by commas',
    )
    .optional()
    .describe('Web pages of other origins that may call from a browser, separated by commas; its own always may'),
  RUNCAST_JWT_JWKS: z
    .union([url('https', 'http'), z.string().regex(/^\//)], 'expected an http(s) URL or the absolute path of a file')
    .optional()
    .describe('The public keys of the issuer of tokens (JWKS); unset takes no tokens, only API keys'),
  RUNCAST_JWT_ISSUER: z.string().optional().describe('What `iss` of a token must be; required with `RUNCAST_JWT_JWKS`'),
  RUNCAST_JWT_AUDIENCE: z
    .string()
    .optional()
    .describe('What `aud` of a token must hold; required with `RUNCAST_JWT_JWKS`'),
  RUNCAST_JWT_TENANT_CLAIM: z.string().default('tenant').describe('The claim that names the tenant'),
  RUNCAST_JWT_SCOPES_CLAIM: z
    .string()
    .default('scope')
    .describe('The claim that holds the scopes, a string or an array'),
};

type AccessConfig = Readonly<z.infer<z.ZodObject<typeof accessVariables>>>;

/** Adds to a schema with {@link accessVariables} what only holds for several of them together. */
export function withAccessRules<S extends z.ZodObject>(schema: S): S {
  return (['RUNCAST_JWT_ISSUER', 'RUNCAST_JWT_AUDIENCE'] as const).reduce<S>(
    (ruled, name) =>
      ruled.refine((config) => config['RUNCAST_JWT_JWKS'] === undefined || config[name] !== undefined, {
        path: [name],
        error: 'is required with RUNCAST_JWT_JWKS',
        // Also beside other mistakes: one restart has to mend them all.
        when: () => true,
      }),
    schema,
  );
}

/** `undefined` where no tokens are taken. */
export function jwtSettings(config: AccessConfig): JwtSettings | undefined {
  const { RUNCAST_JWT_JWKS: jwks, RUNCAST_JWT_ISSUER: issuer, RUNCAST_JWT_AUDIENCE: audience } = config;
  if (jwks === undefined || issuer === undefined || audience === undefined) return undefined;
  const { RUNCAST_JWT_TENANT_CLAIM: tenantClaim, RUNCAST_JWT_SCOPES_CLAIM: scopesClaim } = config;
  return { jwks, issuer, audience, tenantClaim, scopesClaim };
}

export function allowedOrigins(config: AccessConfig): string[] {
  return originsIn(config.RUNCAST_ALLOWED_ORIGINS ?? '');
}

function originsIn(text: string): string[] {
  return text
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '');
}
