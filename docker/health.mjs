// The images' health check: the service takes traffic. There is no shell and no curl in them. The engine ends one that hangs.
const port = process.env.PORT || '8080';

const ready = await fetch(`http://127.0.0.1:${port}/health/ready`)
  .then((response) => response.ok)
  .catch(() => false);
process.exit(ready ? 0 : 1);
