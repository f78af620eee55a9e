export { FILE_SUFFIX, loadConfig, type Environment } from './load-config.ts';
export { ConfigError, EXIT_CONFIG } from '../errors.ts';
export { configTable } from './table.ts';
export { isSecret, ratio, secret, url, urlList, wholeNumber } from './values.ts';
export {
  backendVariables,
  logSettings,
  logVariables,
  loginIsWhole,
  natsLogin,
  natsVariables,
  serviceVariables,
  type ServiceConfig,
} from './variables.ts';
export { accessVariables, allowedOrigins, jwtSettings, withAccessRules } from './access-variables.ts';
export { limitVariables, openMaxima, openVariables, rateVariables } from './limit-variables.ts';
