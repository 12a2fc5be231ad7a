/** Who the clients sign in as. */
export const USER = { username: 'bench', password: 'bench-of-status' }
