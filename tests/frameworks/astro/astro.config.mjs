// Scripts as files: the policy of the test's page allows none inside it.
export default { devToolbar: { enabled: false }, vite: { build: { assetsInlineLimit: 0 } } };
