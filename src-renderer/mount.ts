import { mount } from 'svelte'
import App from './App.svelte'

export const mountApp = (target: HTMLElement) => mount(App, { target })
