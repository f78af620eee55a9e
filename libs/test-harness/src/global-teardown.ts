import { stopBackends } from './global-setup.ts';

export default stopBackends;
