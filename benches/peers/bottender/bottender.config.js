// `origin` is all that bottender needs to call another address than graph.facebook.com.
module.exports = {
  channels: {
    messenger: {
      enabled: true,
      path: '/webhook',
      origin: process.env.GRAPH_URL,
      appId: process.env.APP_ID,
      appSecret: process.env.APP_SECRET,
      accessToken: process.env.ACCESS_TOKEN,
      verifyToken: 'verify',
    },
  },
};
