module.exports = {
  channels: {
    messenger: {
      enabled: true,
      path: '/webhook',
      origin: process.env.GRAPH_API_URL,
      appId: process.env.APP_ID,
      appSecret: process.env.APP_SECRET,
      accessToken: process.env.ACCESS_TOKEN,
      verifyToken: process.env.VERIFY_TOKEN,
    },
  },
};
