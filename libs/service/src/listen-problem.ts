/** Opens a listener; if it cannot be, says what is in its way in the words of the options. */
export async function openListener<T>(option: 'PORT' | 'METRICS_PORT', open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    const problem = listenProblem(error as ListenError, option);
    throw problem === undefined ? error : new Error(problem, { cause: error });
  }
}

type ListenError = NodeJS.ErrnoException & { port?: number; address?: string; hostname?: string };

function listenProblem({ code, port, address, hostname }: ListenError, option: string): string | undefined {
  const host = option.replace('PORT', 'HOST');
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} on ${address} is taken by another program: stop that, or set ${option} to another port (0 takes a free one)`;
    case 'EACCES':
      return `this user may not listen on port ${port}: set ${option} to 1024 or above`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${address ?? hostname} is no address of this machine: set ${host} to one that is`;
    default:
      return undefined;
  }
}
