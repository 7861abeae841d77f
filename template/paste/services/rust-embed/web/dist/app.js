console.log("all is well");
