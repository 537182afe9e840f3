import { formatRoute, parseRoute, type Route } from '../route.ts'

/** The route that the address names, and the way to another one. */
class Router {
  #route = $state.raw<Route>(parseRoute(location.hash))

  constructor() {
    addEventListener('hashchange', () => {
      this.#route = parseRoute(location.hash)
    })
  }

  get route(): Route {
    return this.#route
  }

  /** @param replace - for small steps that "back" should not go through one by one, such as the next clip */
  go(route: Route, { replace = false } = {}): void {
    const hash = formatRoute(route)
    if (hash === location.hash) return
    history[replace ? 'replaceState' : 'pushState'](null, '', hash)
    this.#route = parseRoute(hash)
  }
}

export const router = new Router()
