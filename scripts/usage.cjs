/** Loaded before a program, says at its end what it used, as JSON on stderr. (Loaded like this, the program sees its own arguments.) */
const { performance } = require('node:perf_hooks');

process.once('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const used = { ms: performance.now(), cpuMs: (userCPUTime + systemCPUTime) / 1000, mb: maxRSS / 1024 };
  console.error(JSON.stringify(used));
});
