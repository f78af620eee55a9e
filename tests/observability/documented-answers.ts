import { Ajv2020, type AnySchema } from 'ajv/dist/2020.js';

interface Answer {
  readonly content?: Record<string, { readonly schema: AnySchema }>;
}

interface OpenApi {
  readonly paths: Record<string, Record<string, { readonly responses: Record<string, Answer> }>>;
  readonly components: object;
}

export interface DocumentedGateway {
  /** Asks an address and says in what the answer differs from the document of an operation. */
  faults(method: string, path: string, address: string, request: RequestInit): Promise<string[]>;
}

/** A gateway and the document it serves of itself. */
export async function documentOf(url: string): Promise<DocumentedGateway> {
  const { paths, components } = (await (await fetch(`${url}/docs-json`)).json()) as OpenApi;
  return {
    async faults(method, path, address, request) {
      const response = await fetch(url + address, { method, ...request });
      const where = `${method} ${address}: ${response.status}`;
      const documented = paths[path]?.[method.toLowerCase()]?.responses[String(response.status)];
      if (documented === undefined) return [`${where} is not in the document`];
      const type = response.headers.get('content-type')?.split(';')[0] ?? '';
      const schema = documented.content?.[type]?.schema;
      if (schema === undefined) return [`${where} as ${type} is not in the document`];
      const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
      const whole = { components, allOf: [schema] };
      const validate = ajv.compile(whole);
      validate(await response.json());
      return (validate.errors ?? []).map(({ instancePath, message }) => `${where} ${instancePath} ${message ?? ''}`);
    },
  };
}
