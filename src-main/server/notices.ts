/** The few pages that the server writes itself; they hold nothing from a request, and ask for nothing, not even an icon. */
function page(title: string, text: string, head = ''): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title} – Soundfold</title>${head}
<style>body { font: 1rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 20vh auto; padding: 0 1rem }</style>
</head>
<body>
<h1>${title}</h1>
<p>${text}</p>
</body>
</html>
`
}

export const NOT_SIGNED_IN = page(
  'This address needs a key',
  `The workbench opens only by the address that the command printed, and each address works once, in one browser.
Open the newest one, press Enter in the terminal for a fresh one, or run <code>soundfold serve</code> again.`,
)

/**
 * To the route that its token was made for. The page goes on by itself instead of being redirected: after a redirect from a link on another site (a terminal in
 * a browser, say) the strict cookie would be left out.
 */
export const signedIn = (route: string) =>
  page(
    'Opening the workbench',
    `<a href="/${route}">Go on</a>`,
    `\n<meta http-equiv="refresh" content="0; url=/${route}">`,
  )
