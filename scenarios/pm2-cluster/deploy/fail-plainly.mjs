// Imported first by every step: what went wrong is one line in the step's log, and the exit code says that it did.
process.on('uncaughtException', (error) => {
  console.error(`error: ${error.message || error.code || error}`);
  process.exit(1);
});
